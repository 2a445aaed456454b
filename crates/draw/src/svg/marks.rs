//! What is wrong with numbers: not finite, or a gradient that has vanished.

use std::fmt::Write;

use super::text::At;
use crate::graph::{Graph, Numbers};

/// A gradient has vanished that is less than this part of the gradient at the output.
const VANISHED: f64 = 1e-6;

/// What is wrong with numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// A gradient that is 0, or as good as 0, in every place.
    Vanished,
    /// Some of them are NaN or infinite.
    NotFinite,
}

impl Mark {
    /// Of a value.
    pub(crate) fn of_value(numbers: &Numbers) -> Option<Self> {
        (numbers.statistics.not_finite > 0).then_some(Self::NotFinite)
    }

    /// Of a gradient, where the greatest gradient at the output is `scale`.
    pub(crate) fn of_gradient(numbers: &Numbers, scale: f64) -> Option<Self> {
        let of = &numbers.statistics;
        let vanished = of.count > 0 && of.max.abs().max(of.min.abs()) < VANISHED * scale;
        Self::of_value(numbers).or(vanished.then_some(Self::Vanished))
    }

    /// The class of what is marked.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Vanished => "vanished",
            Self::NotFinite => "broken",
        }
    }

    /// The words beside the sign.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Vanished => "vanishes",
            Self::NotFinite => "not finite",
        }
    }

    /// The sign, twelve wide and high, around this point: a ring that is crossed out, or a triangle to warn.
    pub(crate) fn sign(self, out: &mut String, x: f64, y: f64) {
        let shape = match self {
            Self::Vanished => "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0M-5 5L5 -5",
            Self::NotFinite => "M0 -5.5L6 5H-6ZM0 -2V1.5M0 3.2V3.3",
        };
        let class = self.class();
        let _ = write!(
            out,
            r#"<path class="sign {class}" transform="translate({} {})" d="{shape}"/>"#,
            At(x),
            At(y)
        );
    }
}

/// The greatest gradient at the output; 1 where that is unknown.
pub(crate) fn scale(graph: &Graph) -> f64 {
    let seed = graph.output.and_then(|output| graph.nodes[output].gradient.as_ref());
    let scale = seed.map_or(1.0, |seed| seed.statistics.max.abs().max(seed.statistics.min.abs()));
    if scale > 0.0 && scale.is_finite() { scale } else { 1.0 }
}

//! Groups of parameters with settings of their own.

use super::not_negative;

/// Settings of some of the parameters, for [`FirstOrder::group`](super::FirstOrder::group). What is not set is as
/// everywhere else.
///
/// ```
/// use nn::{AdamW, Group, Params};
/// let mut params = Params::<f32>::seeded(42);
/// let (w, b) = (params.insert("w", ([4], vec![1.0; 4])), params.insert("b", ([2], vec![0.0; 2])));
/// let optim = AdamW::new(1e-3).group([b], Group::new().rate(10.0).weight_decay(0.0));
/// # let _: AdamW<f32> = optim;
/// # let _ = w;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Group {
    rate: Option<f64>,
    weight_decay: Option<f64>,
}

impl Group {
    /// All as everywhere else.
    pub fn new() -> Self {
        Self::default()
    }

    /// The learning rate, as a multiple of the optimiser's: a schedule of that moves both.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn rate(self, factor: f64) -> Self {
        Self { rate: Some(not_negative("the rate of a group", factor)), ..self }
    }

    /// The weight decay, instead of the optimiser's.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(self, decay: f64) -> Self {
        Self { weight_decay: Some(not_negative("a weight decay", decay)), ..self }
    }

    /// Learning rate and weight decay of its members, given those of the optimiser.
    pub(super) fn apply(self, rate: f64, weight_decay: f64) -> (f64, f64) {
        (rate * self.rate.unwrap_or(1.0), self.weight_decay.unwrap_or(weight_decay))
    }
}

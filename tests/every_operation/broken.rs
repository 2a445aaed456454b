//! The checks find what they are for: a square that is wrong in one way after another.

use chainrule::tape::listing::{Described, Description, Drawn, Listed, Sample, Special, Walk};
use chainrule::tape::{Element, Error, Forward, Recorded, Shape, TensorOp, View, Vjp};

use crate::differences::Differences;
use crate::extents::Extents;
use crate::memory::Memory;
use crate::orders::Orders;
use crate::precision::Precision;
use crate::specials::Specials;
use crate::sums::Sums;
use crate::upstream::Linear;
use crate::walk::{Check, complaint};
use crate::wanted::Wanted;

const SOUND: u8 = 0;
const DOUBLED: u8 = 1;
const LOST: u8 = 2;
const OVERWRITTEN: u8 = 3;
const UNWRITTEN: u8 = 4;
const SWAMPED: u8 = 5;
const ROUNDED: u8 = 6;
const IN_PLACE: u8 = 7;
const FROZEN: u8 = 8;
const TOUCHY: u8 = 9;

/// `x²` of a vector, with a fault.
#[derive(Clone, Debug)]
struct Square<const FAULT: u8>;

impl<T: Element, const FAULT: u8> TensorOp<T> for Square<FAULT> {
    fn name(&self) -> &str {
        Self::DESCRIPTION.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        assert!(FAULT != TOUCHY || !inputs[0].data.is_empty(), "an index is out of bounds");
        Ok(inputs[0].shape.into())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let written = pass.output.len().saturating_sub(usize::from(FAULT == UNWRITTEN));
        for (y, &x) in pass.output[..written].iter_mut().zip(pass.inputs[0].data) {
            // A shift that `f64` feels little of and `f32` much.
            let shift = if FAULT == ROUNDED { T::of(1e4) } else { T::zero() };
            *y = x * x + shift - shift;
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, g) = (pass.input(0).data, pass.upstream());
        let Some(mut to) = pass.downstream(0) else { return };
        to.accumulate &= FAULT != OVERWRITTEN;
        to.add(|k| match FAULT {
            DOUBLED => T::of(4.0) * x[k] * g[k],
            LOST => T::zero(),
            SWAMPED => T::of(2.0) * x[k] * g[k] * (g[k] * g[k].recip()),
            FROZEN => T::of(2.0 * x[k].to_f64().unwrap_or(0.0)) * g[k],
            _ => T::of(2.0) * x[k] * g[k],
        });
    }

    fn vjp_in_place(&self, _: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        if FAULT == IN_PLACE {
            let x = recorded.inputs[0].data;
            gradient.iter_mut().zip(x).for_each(|(g, &x)| *g = *g * x * T::of(3.0));
        }
        FAULT == IN_PLACE
    }
}

impl<const FAULT: u8> Described for Square<FAULT> {
    const DESCRIPTION: Description =
        Description { name: "square of a vector", formula: "y = x²", derivative: "2 g x", kinks: "" };

    fn samples() -> Vec<Sample<Self>> {
        [5, 1].map(|n| Sample::new(Self, [Drawn::real(&[n])])).into()
    }

    fn specials() -> Vec<Special<Self>> {
        let shape = Shape::from_slice(&[1]);
        vec![Special {
            operation: Self,
            operands: vec![(shape, vec![3.0])],
            output: vec![9.0],
            gradients: vec![Some(vec![6.0])],
        }]
    }
}

impl<const FAULT: u8> Listed for Square<FAULT> {
    fn operation<T: Element>(self) -> impl TensorOp<T> + 'static {
        self
    }
}

/// What a check has to say of the square with a fault; nothing of the sound one.
fn found<const FAULT: u8>(check: &impl Check) -> String {
    assert_eq!(complaint::<Square<SOUND>>(check), "");
    complaint::<Square<FAULT>>(check)
}

#[track_caller]
fn says(complaint: &str, part: &str) {
    assert!(complaint.contains(part), "{complaint:?} does not say {part:?}");
}

#[test]
fn differences_find_wrong_gradients() {
    let text = found::<DOUBLED>(&Differences);
    says(
        &text,
        "square of a vector, sample 0, Square of [[5]]: operand 0, direction 0: the gradient is wrong: analytic",
    );
    says(&text, "worst at [");
    says(&found::<LOST>(&Differences), "the gradient is zero, and the value changes: analytic 0e0, numeric");
}

#[test]
fn other_checks_find_what_they_are_for() {
    says(&found::<ROUNDED>(&Precision), "output: in f32 it is wrong by");
    says(&found::<UNWRITTEN>(&Memory), "in memory that was used before: output: number 4 is NaN");
    says(&found::<OVERWRITTEN>(&Sums), "operand 0, used elsewhere besides: number 0 is");
    says(&found::<IN_PLACE>(&Wanted), "operand 0 alone: number 0 is");
    says(&found::<SWAMPED>(&Linear), "operand 0, upstream 0: number 0 is NaN");
    says(&found::<FROZEN>(&Orders), "H u against differences of the gradient");
}

#[test]
fn stated_points_and_empty_axes_are_looked_at() {
    let mut specials = Specials::default();
    specials.visit::<Square<DOUBLED>>();
    says(&specials.report.first(), "gradient in operand 0: number 0 is 12.0, not 6.0");
    let mut extents = Extents::default();
    extents.visit::<Square<TOUCHY>>();
    says(&extents.report.first(), "panics: an index is out of bounds");
    let mut extents = Extents::default();
    extents.visit::<Square<SOUND>>();
    says(&extents.report.first(), "is taken, and no sample has an axis of extent 0");
}

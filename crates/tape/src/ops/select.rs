//! Comparison, and the choice between two tensors.

use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::{Tensor, TensorOperand};
use crate::kernels::reduce;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::rules::Rule;
use crate::shape::{self, Shape};

#[derive(Clone, Debug)]
pub(super) struct Select;

/// An operand in the shape of the output: as it is, or spread into scratch memory.
fn spread<'a, T: Element>(view: View<'a, T>, shape: &[usize], room: &'a mut [T]) -> &'a [T] {
    if view.shape == shape {
        return view.data;
    }
    reduce::broadcast(view.data, view.shape, shape, room, false);
    room
}

impl<T: Element> TensorOp<T> for Select {
    fn name(&self) -> &str {
        "select"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        shape::broadcast(&shape::broadcast(inputs[0].shape, inputs[1].shape)?, inputs[2].shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let (inputs, shape) = (pass.inputs, pass.shape);
        let len = pass.output.len();
        let (output, room) = pass.scratch(3 * len);
        let (room_c, room) = room.split_at_mut(len);
        let (room_a, room_b) = room.split_at_mut(len);
        let condition = spread(inputs[0], shape, room_c);
        let (a, b) = (spread(inputs[1], shape, room_a), spread(inputs[2], shape, room_b));
        for (k, y) in output.iter_mut().enumerate() {
            *y = if condition[k].is_zero() { b[k] } else { a[k] };
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, shape, upstream) = (pass.inputs(), pass.output().shape, pass.upstream());
        let len = upstream.len();
        for (position, taken) in [(1, true), (2, false)] {
            let operand = inputs[position].shape;
            let Some(mut to) = pass.downstream(position) else { continue };
            let accumulate = to.accumulate;
            let (gradient, room) = to.scratch(2 * len + reduce::sum_to_scratch(shape, operand));
            let (room_c, room) = room.split_at_mut(len);
            let (share, room) = room.split_at_mut(len);
            let condition = spread(inputs[0], shape, room_c);
            for (k, share) in share.iter_mut().enumerate() {
                *share = if condition[k].is_zero() == taken { T::zero() } else { upstream[k] };
            }
            reduce::sum_to(share, shape, operand, gradient, accumulate, room);
        }
    }
}

impl Described for Select {
    const DESCRIPTION: Description = Description {
        name: "select",
        formula: "y = a where the condition is not 0, else b",
        derivative: "g to the one taken, exactly 0 to the other, nothing to the condition",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |condition: (&[usize], &[f64]), a: &[usize], b: &[usize]| {
            let condition = Drawn::given(condition.0, condition.1);
            Sample::new(Self, [condition, Drawn::real(a), Drawn::real(b)])
        };
        vec![
            case((&[2, 3], &[1.0, 0.0, 0.0, 1.0, 0.0, -2.0]), &[2, 3], &[2, 3]),
            case((&[3, 1], &[1.0, 0.0, 1.0]), &[2, 1, 4], &[3, 1]),
            case((&[2], &[0.0, 1.0]), &[], &[2]),
            case((&[], &[1.0]), &[2], &[1, 2]),
            case((&[1, 2], &[0.0, 1.0]), &[0, 2], &[]),
        ]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// `a` where the condition is not zero, else `b`; all three are broadcast against one another. The gradient of
    /// the one not taken is exactly zero, and none flows to the condition.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::{Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// let x = tape.tensor(array![-1.0, 4.0]);
    /// let y = Tensor::select(x.gt(0.0), x.sqrt(), x);
    /// assert_eq!(y.value(), array![-1.0, 2.0].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![1.0, 0.25].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_select`](Self::try_select) fails.
    #[track_caller]
    pub fn select(
        condition: Self,
        a: impl Into<TensorOperand<'t, T>>,
        b: impl Into<TensorOperand<'t, T>>,
    ) -> Self {
        or_panic(Self::try_select(condition, a, b))
    }

    /// `a` where the condition is not zero, else `b`.
    ///
    /// # Errors
    /// The shapes cannot be broadcast, or the operands belong to two tapes.
    #[track_caller]
    pub fn try_select(
        condition: Self,
        a: impl Into<TensorOperand<'t, T>>,
        b: impl Into<TensorOperand<'t, T>>,
    ) -> Result<Self, Error> {
        Self::of_parts(Select, [condition.into(), a.into(), b.into()], false)
    }
}

macro_rules! comparisons {
    ($($name:ident $try_name:ident $Rule:ident $symbol:literal)*) => {
        /// Comparisons: 1 where they hold, else 0. Nothing flows back through them.
        impl<'t, T: Element> Tensor<'t, T> {$(
            #[doc = concat!("`self ", $symbol, " other`, elementwise with broadcasting: 1 or 0.")]
            ///
            /// # Panics
            #[doc = concat!("As [`", stringify!($try_name), "`](Self::", stringify!($try_name), ") fails.")]
            #[track_caller]
            #[must_use]
            pub fn $name(self, other: impl Into<TensorOperand<'t, T>>) -> Self {
                or_panic(self.$try_name(other))
            }

            #[doc = concat!("`self ", $symbol, " other`, elementwise with broadcasting: 1 or 0.")]
            ///
            /// # Errors
            /// The shapes cannot be broadcast, or the operands belong to two tapes.
            #[track_caller]
            pub fn $try_name(self, other: impl Into<TensorOperand<'t, T>>) -> Result<Self, Error> {
                Self::of_rule(Rule::$Rule, [self.into(), other.into()], true)
            }
        )*}
    };
}

comparisons! {
    gt try_gt Greater ">"
    ge try_ge GreaterEqual "≥"
    lt try_lt Less "<"
    le try_le LessEqual "≤"
}

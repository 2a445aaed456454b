//! Where a gradient ends.

use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::listing::{Described, Description, Drawn, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// The same numbers, as a node through which nothing flows.
#[derive(Clone, Debug)]
pub(super) struct StopGradient;

impl<T: Element> TensorOp<T> for StopGradient {
    fn name(&self) -> &str {
        "stop_gradient"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(Shape::from_slice(inputs[0].shape))
    }

    /// Numbers that carry derivatives lose them.
    fn is_view(&self) -> bool {
        T::BARE
    }

    fn forward(&self, pass: Forward<'_, T>) {
        pass.output.iter_mut().zip(pass.inputs[0].data).for_each(|(y, x)| *y = x.stopped());
    }

    fn vjp(&self, _: &mut Vjp<'_, T>) {}
}

impl Described for StopGradient {
    const DESCRIPTION: Description = Description {
        name: "stop_gradient",
        formula: "y = x",
        derivative: "0, on purpose: this is no derivative of the value",
        kinks: "",
    };

    /// Of data only: differences would find the 1 that is meant not to be there.
    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], numbers: &[f64]| Sample::new(Self, [Drawn::given(shape, numbers)]);
        vec![case(&[2, 1], &[1.5, -2.0]), case(&[], &[0.5]), case(&[0, 3], &[])]
    }

    fn specials() -> Vec<Special<Self>> {
        let numbers = vec![-1.0, 0.0, 2.5];
        vec![Special {
            operation: Self,
            operands: vec![([3].as_slice().into(), numbers.clone())],
            output: numbers,
            gradients: vec![Some(vec![0.0; 3])],
        }]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The same values, through which no gradient flows back; nothing is copied.
    ///
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![3.0]);
    /// let y = (x * x.stop_gradient()).sum();
    /// assert_eq!(y.backward().wrt(x), array![3.0].into_dyn());
    /// ```
    #[track_caller]
    #[must_use]
    pub fn stop_gradient(self) -> Self {
        or_panic(Self::of_parts(StopGradient, [self.into()], true))
    }
}

//! Running sums.

use super::softmax::rows;
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::kernels::scan;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Along one axis.
#[derive(Clone, Debug)]
pub(super) struct Cumsum {
    axis: usize,
}

impl<T: Element> TensorOp<T> for Cumsum {
    fn name(&self) -> &str {
        "cumsum"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(Shape::from_slice(inputs[0].shape))
    }

    fn forward(&self, pass: Forward<'_, T>) {
        scan::running_sums(pass.inputs[0].data, rows(pass.shape, self.axis), false, pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (shape, upstream) = (pass.output().shape, pass.upstream());
        if let Some(to) = pass.downstream(0) {
            scan::running_sums(upstream, rows(shape, self.axis), true, to.gradient, to.accumulate);
        }
    }
}

impl Described for Cumsum {
    const DESCRIPTION: Description = Description {
        name: "cumsum",
        formula: "yᵢ = Σⱼ xⱼ over j ≤ i, along an axis",
        derivative: "Σⱼ gⱼ over j ≥ i",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let cases: [(usize, &[usize]); 7] = [
            (0, &[5]),
            (1, &[3, 4]),
            (0, &[3, 2]),
            (1, &[2, 3, 2]),
            (1, &[2, 1]),
            (1, &[0, 3]),
            (0, &[0, 3]),
        ];
        cases.map(|(axis, shape)| Sample::new(Self { axis }, [Drawn::real(shape)])).into()
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The sums of all elements up to each one along an axis, `yᵢ = x₀ + … + xᵢ`; a negative axis counts from the back.
    ///
    /// # Shapes
    /// That of the input.
    ///
    /// # Derivative
    /// The sums from the other end: `gᵢ + … + gₙ₋₁` for an upstream gradient `g`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y = x.cumsum(1);
    /// assert_eq!(y.value(), array![[1.0, 3.0, 6.0], [4.0, 9.0, 15.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_cumsum`](Self::try_cumsum) fails.
    #[track_caller]
    #[must_use]
    pub fn cumsum(self, axis: isize) -> Self {
        or_panic(self.try_cumsum(axis))
    }

    /// The running sums along an axis.
    ///
    /// # Errors
    /// The axis lies outside the shape.
    #[track_caller]
    pub fn try_cumsum(self, axis: isize) -> Result<Self, Error> {
        self.record(Cumsum { axis: self.axis("cumsum", axis)? })
    }
}

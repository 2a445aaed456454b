//! Squared differences as one node.

use tape::{Element, Error, ErrorKind, Forward, Shape, Tensor, TensorOp, View, Vjp, slices};

use super::{Reduction, Target};
use crate::or_panic;

const NAME: &str = "mse";

/// Squared differences `(x − t)²`, with a choice of reduction. The mean is [`mse`](crate::Losses::mse).
///
/// ```
/// use ndarray::array;
/// use nn::{Reduction, SquaredError};
/// let tape = tape::Tape::<f64>::new();
/// let y = tape.tensor(array![1.0, 4.0]);
/// let loss = SquaredError::new().reduction(Reduction::None).of(y, &[0.0, 1.0]);
/// assert_eq!(loss.value(), array![1.0, 9.0].into_dyn());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SquaredError {
    reduction: Reduction,
}

impl SquaredError {
    /// The mean over all elements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another reduction.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction }
    }

    /// The loss: a tensor without axes, or of the prediction's shape with [`Reduction::None`].
    ///
    /// # Panics
    /// As [`try_of`](Self::try_of) fails.
    #[track_caller]
    pub fn of<'t, T: Element>(self, prediction: Tensor<'t, T>, targets: impl Target<'t, T>) -> Tensor<'t, T> {
        or_panic(self.try_of(prediction, targets))
    }

    /// The loss.
    ///
    /// # Errors
    /// The shapes differ, or there are no elements to take a mean of.
    #[track_caller]
    pub fn try_of<'t, T: Element>(
        self,
        prediction: Tensor<'t, T>,
        targets: impl Target<'t, T>,
    ) -> Result<Tensor<'t, T>, Error> {
        let targets = targets.target(prediction.tape(), prediction.shape());
        let targets = targets.map_err(|error| error.operation(NAME))?;
        prediction.tape().apply(self, &[prediction, targets])
    }

    /// The upstream gradient of each element's loss is that of the output times this.
    fn scale<T: Element>(self, len: usize) -> T {
        match self.reduction {
            Reduction::Mean => T::of(len as f64).recip(),
            Reduction::Sum | Reduction::None => T::one(),
        }
    }
}

impl<T: Element> TensorOp<T> for SquaredError {
    fn name(&self) -> &'static str {
        NAME
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (x, t) = (inputs[0], inputs[1]);
        if x.shape != t.shape {
            return Err(Error::new(ErrorKind::Shape, "prediction and targets differ in shape"));
        }
        match self.reduction {
            Reduction::None => Ok(x.shape.into()),
            Reduction::Mean if x.data.is_empty() => {
                Err(Error::new(ErrorKind::Empty, "there is no mean over no elements"))
            }
            Reduction::Mean | Reduction::Sum => Ok(Shape::new()),
        }
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, t) = (pass.inputs[0].data, pass.inputs[1].data);
        let square = |k: usize| (x[k] - t[k]) * (x[k] - t[k]);
        if self.reduction == Reduction::None {
            pass.output.iter_mut().enumerate().for_each(|(k, loss)| *loss = square(k));
        } else {
            let sum = slices::sum_of(x.len(), |first, terms| {
                let operands = x[first..].iter().zip(&t[first..]);
                terms.iter_mut().zip(operands).for_each(|(term, (&x, &t))| *term = (x - t) * (x - t));
            });
            pass.output[0] = match self.reduction {
                Reduction::Mean => sum / T::of(x.len() as f64),
                Reduction::Sum | Reduction::None => sum,
            };
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, t, upstream) = (pass.input(0).data, pass.input(1).data, pass.upstream());
        let each = self.reduction == Reduction::None;
        let two = T::of(2.0) * self.scale(x.len());
        let slope = |k: usize| two * (x[k] - t[k]) * upstream[if each { k } else { 0 }];
        if let Some(to) = pass.downstream(0) {
            to.add(slope);
        }
        if let Some(to) = pass.downstream(1) {
            to.add(|k| -slope(k));
        }
    }
}

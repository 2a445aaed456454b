//! Normalisation over the last axes: with the mean taken off, or without.

use smallvec::SmallVec;

use super::normalise::{self, Parameters, check_eps, operands, standardised};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::handles::Tensor;
use crate::kernels::normalise::rows::Rows;
use crate::listing::{Drawn, Listed, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Layer normalisation, if `CENTRED`; else that by the root mean square. Operands: `x`, and a weight and a bias where
/// there are some.
#[derive(Clone, Debug)]
pub(super) struct RowNorm<const CENTRED: bool> {
    normalized: Shape,
    parameters: Parameters,
    eps: f64,
}

impl<const CENTRED: bool> RowNorm<CENTRED> {
    fn rows(&self) -> Rows {
        Rows { n: self.normalized.iter().product(), period: 1, centred: CENTRED }
    }

    /// Records it.
    #[track_caller]
    pub(super) fn record<'t, T: Element>(
        x: Tensor<'t, T>,
        normalized_shape: &[usize],
        weight: Option<Tensor<'t, T>>,
        bias: Option<Tensor<'t, T>>,
        eps: f64,
    ) -> Result<Tensor<'t, T>, Error>
    where
        Self: Listed,
    {
        let parameters = Parameters::given(1, weight, bias);
        let operation = Self { normalized: normalized_shape.into(), parameters, eps };
        Tensor::of_tensors(operation, &operands(&[x], weight, bias))
    }

    /// A case for tests.
    pub(super) fn sample(
        shape: &[usize],
        normalized: &[usize],
        weight: bool,
        bias: bool,
        eps: f64,
    ) -> Sample<Self> {
        let parameters = Parameters { before: 1, weight, bias };
        let operation = Self { normalized: normalized.into(), parameters, eps };
        let given = usize::from(weight) + usize::from(bias);
        let parameters = std::iter::repeat_n(Drawn::real(normalized), given);
        Sample::new(operation, [Drawn::real(shape)].into_iter().chain(parameters))
    }
}

/// The last axes must be those to be normalised over, and hold numbers.
fn last_axes(shape: &[usize], normalized: &Shape) -> Result<(), Error> {
    if normalized.is_empty() {
        return Err(Error::new(ErrorKind::Shape, "the normalised shape has no axes"));
    }
    if !shape.ends_with(normalized) {
        let text = format!("the last axes must be those of the normalised shape {normalized:?}");
        return Err(Error::new(ErrorKind::Shape, text));
    }
    if normalized.contains(&0) {
        return Err(Error::new(ErrorKind::Empty, format!("the normalised shape {normalized:?} is empty")));
    }
    Ok(())
}

impl<T: Element, const CENTRED: bool> TensorOp<T> for RowNorm<CENTRED> {
    fn name(&self) -> &str {
        if CENTRED { "layer_norm" } else { "rms_norm" }
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        check_eps(self.eps)?;
        last_axes(inputs[0].shape, &self.normalized)?;
        self.parameters.check(inputs, &self.normalized)?;
        Ok(Shape::from_slice(inputs[0].shape))
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        self.rows().saved(inputs[0].data.len())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        normalise::forward(pass, self.rows(), self.parameters, self.eps);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        normalise::vjp(pass, self.rows(), self.parameters);
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let (x, normalized) = (inputs[0], self.normalized.len().cast_signed());
        let axes: SmallVec<[isize; 4]> = (-normalized..0).collect();
        let shape: SmallVec<[isize; 4]> = self.normalized.iter().map(|&n| n.cast_signed()).collect();
        Some(self.parameters.applied(standardised(x, &axes, CENTRED, self.eps), inputs, &shape))
    }
}

//! What the normalisations share: their parameters, and those over rows.

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::handles::Tensor;
use crate::kernels::normalise::{Affine, rows};
use crate::kernels::reduce::put;
use crate::operation::{Forward, View, Vjp};

/// The parameters among the operands: a weight, then a bias, behind everything else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    /// Operands before them.
    pub(super) before: usize,
    pub(super) weight: bool,
    pub(super) bias: bool,
}

impl Parameters {
    /// The parameters that the user gave.
    pub(super) fn given<T: Element>(
        before: usize,
        weight: Option<Tensor<'_, T>>,
        bias: Option<Tensor<'_, T>>,
    ) -> Self {
        Self { before, weight: weight.is_some(), bias: bias.is_some() }
    }

    /// The position of the weight among the operands, and that of the bias.
    pub(super) fn positions(self) -> [Option<usize>; 2] {
        let weight = self.weight.then_some(self.before);
        [weight, self.bias.then_some(self.before + usize::from(self.weight))]
    }

    /// Their numbers.
    pub(super) fn of<'a, T>(self, inputs: &[View<'a, T>]) -> Affine<'a, T> {
        let [weight, bias] = self.positions().map(|position| position.map(|k| inputs[k].data));
        Affine { weight, bias }
    }

    /// Both must have the given shape.
    pub(super) fn check<T>(self, inputs: &[View<'_, T>], wanted: &[usize]) -> Result<(), Error> {
        for (name, position) in ["weight", "bias"].into_iter().zip(self.positions()) {
            if let Some(found) = position.map(|k| inputs[k].shape)
                && found != wanted
            {
                let text = format!("the {name} must have the shape {wanted:?}, and has {found:?}");
                return Err(Error::new(ErrorKind::Shape, text));
            }
        }
        Ok(())
    }
}

/// What is added to a variance must not make it negative.
pub(super) fn check_eps(eps: f64) -> Result<(), Error> {
    if eps >= 0.0 && eps.is_finite() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Value, format!("eps must be finite and not negative, and is {eps}")))
}

/// The operands of a normalisation in their order.
pub(super) fn operands<'t, T: Element>(
    first: &[Tensor<'t, T>],
    weight: Option<Tensor<'t, T>>,
    bias: Option<Tensor<'t, T>>,
) -> SmallVec<[Tensor<'t, T>; 8]> {
    first.iter().copied().chain(weight).chain(bias).collect()
}

/// Numbers less their mean over the axes, where that is taken off, over their deviation, step by step.
pub(super) fn standardised<'t, T: Element>(
    x: Tensor<'t, T>,
    axes: &[isize],
    centred: bool,
    eps: f64,
) -> Tensor<'t, T> {
    let difference = if centred { x - x.mean_axes(axes, true).named("μ") } else { x };
    let name = if centred { "σ²" } else { "mean square" };
    let variance = difference.square().mean_axes(axes, true).named(name);
    difference / (variance + T::of(eps)).sqrt()
}

impl Parameters {
    /// Numbers times the weight, plus the bias, where there are some; `shape` is how those lie over the numbers.
    pub(super) fn applied<'t, T: Element>(
        self,
        x: Tensor<'t, T>,
        inputs: &[Tensor<'t, T>],
        shape: &[isize],
    ) -> Tensor<'t, T> {
        let over = |position: Option<usize>| position.map(|k| inputs[k]).map(|x| lying(x, shape));
        let [weight, bias] = self.positions().map(over);
        let scaled = weight.map_or(x, |weight| x * weight);
        bias.map_or(scaled, |bias| scaled + bias)
    }
}

/// The same numbers in another shape, without a step where it is the same.
pub(super) fn lying<'t, T: Element>(x: Tensor<'t, T>, shape: &[isize]) -> Tensor<'t, T> {
    let same = x.shape().iter().map(|&extent| extent.cast_signed()).eq(shape.iter().copied());
    if same { x } else { x.reshape(shape) }
}

/// The shape of channels that lie over `[N, C, …]`.
pub(super) fn over_channels(shape: &[usize]) -> SmallVec<[isize; 4]> {
    let extent = |axis| if axis == 1 { shape[1].cast_signed() } else { 1 };
    (1..shape.len()).map(extent).collect()
}

/// Normalises rows.
pub(super) fn forward<T: Element>(pass: Forward<'_, T>, rows: rows::Rows, parameters: Parameters, eps: f64) {
    let Forward { inputs, saved, output, .. } = pass;
    let (x, affine) = (inputs[0].data, parameters.of(inputs));
    T::run(rows::Normalise { x, rows, affine, eps, saved, out: output });
}

/// The way back through a normalisation, where one walk over `x` and the upstream has what all operands get:
/// `back(where what goes to x is to be, room)` does it, and `sums(which, room, gradient, accumulate)` takes what goes to
/// the weight (0) or the bias (1) from the room.
pub(super) fn back_through<T: Element>(
    pass: &mut Vjp<'_, T>,
    parameters: Parameters,
    space: usize,
    back: impl Fn(Option<(&mut [T], bool)>, &mut [T]),
    sums: impl Fn(usize, &[T], &mut [T], bool),
) {
    let mut done = false;
    if let Some(mut to) = pass.downstream(0) {
        let accumulate = to.accumulate;
        let (gradient, room) = to.scratch(space);
        back(Some((gradient, accumulate)), room);
        done = true;
    }
    for (which, position) in parameters.positions().into_iter().enumerate() {
        let Some(position) = position else { continue };
        let Some(mut to) = pass.downstream(position) else { continue };
        let accumulate = to.accumulate;
        let (gradient, room) = to.scratch(space);
        if !done {
            back(None, room);
            done = true;
        }
        sums(which, room, gradient, accumulate);
    }
}

/// The way back through normalised rows.
pub(super) fn vjp<T: Element>(pass: &mut Vjp<'_, T>, rows: rows::Rows, parameters: Parameters) {
    let (x, g, saved) = (pass.input(0).data, pass.upstream(), pass.saved());
    let (affine, width) = (parameters.of(pass.inputs()), rows.n * rows.period);
    back_through(
        pass,
        parameters,
        rows.room(x.len()),
        |gradient, room| T::run(rows::Back { x, g, rows, affine, saved, gradient, room }),
        |which, room, gradient, accumulate| {
            put(gradient, &room[which * width..(which + 1) * width], accumulate);
        },
    );
}

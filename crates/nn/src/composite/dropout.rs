//! Dropout as one node.

use tape::listing::{Described, Description, Drawn, Sample};
use tape::{Element, Error, Forward, Recorded, Shape, Tensor, TensorOp, View, Vjp};

use super::record;
use crate::generator::Generator;

/// Each number, or each channel, is 0 with the probability `p`, and else divided by `1 − p`.
///
/// The mask is drawn in the forward pass, from a place in a sequence: the same node draws the same mask again.
#[derive(Clone, Debug)]
pub(super) struct Drop {
    p: f64,
    whole_channels: bool,
    seed: u64,
    stream: u64,
    /// The higher and the lower half: a `u128` would not lie in the node, which has the alignment of a pointer.
    position: [u64; 2],
}

/// Records dropout of `x` with a mask from `generator`, which is moved past what is drawn. `p` is at least 0 and below 1.
#[track_caller]
pub(crate) fn dropout<'t, T: Element>(
    x: Tensor<'t, T>,
    p: f64,
    whole_channels: bool,
    generator: &mut Generator,
) -> Result<Tensor<'t, T>, Error> {
    let (seed, stream, position) = (generator.seed(), generator.stream(), generator.position());
    let halves = [(position >> 64) as u64, position as u64];
    let y = record(Drop { p, whole_channels, seed, stream, position: halves }, &[x])?;
    let drawn = x.value().len() / together(x.shape(), whole_channels).max(1);
    *generator = generator.clone().at(position + (2 * drawn.div_ceil(2)) as u128);
    Ok(y)
}

/// How many numbers are kept or dropped together.
fn together(shape: &[usize], whole_channels: bool) -> usize {
    if whole_channels { shape.iter().skip(2).product() } else { 1 }
}

impl Drop {
    /// Draws what each number, or each channel, is multiplied by.
    fn draw<T: Element>(&self, mask: &mut [T]) {
        let Self { p, seed, stream, position: [high, low], .. } = *self;
        let position = u128::from(high) << 64 | u128::from(low);
        let mut generator = Generator::with_stream(seed, stream).at(position);
        // 32 bits for each: two of a draw.
        let limit = (p * 2f64.powi(32)) as u32;
        let scale = T::of(1.0 / (1.0 - p));
        for pair in mask.chunks_mut(2) {
            let bits = generator.next_u64();
            for (factor, bits) in pair.iter_mut().zip([bits as u32, (bits >> 32) as u32]) {
                *factor = if bits < limit { T::zero() } else { scale };
            }
        }
    }
}

impl<T: Element> TensorOp<T> for Drop {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(inputs[0].shape.into())
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        inputs[0].data.len() / together(inputs[0].shape, self.whole_channels).max(1)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        self.draw(pass.saved);
        times(pass.inputs[0].data, pass.saved, together(pass.shape, self.whole_channels), pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let together = together(pass.input(0).shape, self.whole_channels);
        let (upstream, mask) = (pass.upstream(), pass.saved());
        let Some(to) = pass.downstream(0) else { return };
        if to.accumulate {
            to.add(|k| mask[k / together] * upstream[k]);
        } else {
            times(upstream, mask, together, to.gradient);
        }
    }

    fn vjp_in_place(&self, _: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        let together = together(recorded.output.shape, self.whole_channels);
        for (numbers, &factor) in gradient.chunks_mut(together.max(1)).zip(recorded.saved) {
            numbers.iter_mut().for_each(|g| *g = *g * factor);
        }
        true
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let x = inputs[0];
        let mut shape = Shape::from_slice(x.shape());
        if self.whole_channels {
            shape.iter_mut().skip(2).for_each(|extent| *extent = 1);
        }
        let mut mask = vec![T::zero(); shape.iter().product()];
        self.draw(&mut mask);
        Some(x * x.tape().constant((shape, mask)).named("mask"))
    }
}

/// `out = x · mask`, where a number of the mask is for so many numbers of `x`.
fn times<T: Element>(x: &[T], mask: &[T], together: usize, out: &mut [T]) {
    if together == 1 {
        out.iter_mut().zip(x.iter().zip(mask)).for_each(|(out, (&x, &factor))| *out = x * factor);
        return;
    }
    let parts = out.chunks_mut(together.max(1)).zip(x.chunks(together.max(1)));
    for ((out, x), &factor) in parts.zip(mask) {
        out.iter_mut().zip(x).for_each(|(out, &x)| *out = x * factor);
    }
}

impl Described for Drop {
    const DESCRIPTION: Description = Description {
        name: "dropout",
        formula: "y = x·m, m = 0 with probability p, else 1/(1 − p); one m for each number, or for each channel",
        derivative: "g·m",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], p, whole_channels| {
            let operation = Self { p, whole_channels, seed: 42, stream: 2, position: [0, 6] };
            Sample::new(operation, [Drawn::real(shape)])
        };
        vec![
            case(&[3, 5], 0.5, false),
            case(&[7, 1], 0.25, false),
            case(&[2, 3, 2, 2], 0.5, true),
            case(&[4, 3], 0.5, true),
            case(&[], 0.0, false),
            case(&[0, 3], 0.5, false),
            case(&[2, 3, 0], 0.5, true),
        ]
    }
}

//! The three products, for every type of number.

use super::{Geometry, Job, Product, Start};
use crate::element::Element;

/// Computes a product in the order of its definition.
pub(crate) fn plain<T: Element>(job: Job<'_, T>) {
    let Job { geometry, product, start, out, .. } = job;
    start.write(geometry.channels_of(&product), geometry.batch, out);
    each(geometry, |x_at, w_at, y_at| match product {
        Product::Output { x, w } => out[y_at] = out[y_at] + x[x_at] * w[w_at],
        Product::Input { y, w } => out[x_at] = out[x_at] + y[y_at] * w[w_at],
        Product::Weight { x, y } => out[w_at] = out[w_at] + x[x_at] * y[y_at],
    });
}

impl<T: Element> Start<'_, T> {
    /// Prepares an output, of so many channels for each image, to be added to.
    fn write(&self, channels: usize, batch: usize, out: &mut [T]) {
        match self {
            Start::Nothing => out.fill(T::zero()),
            Start::Output => {}
            Start::Channels(bias) => {
                let plane = out.len().checked_div(channels * batch).unwrap_or(0).max(1);
                let planes = out.chunks_exact_mut(plane);
                planes.zip(bias.iter().cycle()).for_each(|(plane, &bias)| plane.fill(bias));
            }
        }
    }
}

/// Visits all positions in `x`, `w` and `y` that a convolution brings together.
fn each(geometry: &Geometry, mut visit: impl FnMut(usize, usize, usize)) {
    let Geometry { batch, groups, inputs, outputs, axes: [rows, columns] } = *geometry;
    for n in 0..batch {
        for (group, o) in (0..groups).flat_map(|group| (0..outputs).map(move |o| (group, o))) {
            let output = group * outputs + o;
            for i in 0..inputs {
                let x = ((n * groups + group) * inputs + i) * rows.input;
                let y = (n * groups * outputs + output) * rows.output;
                let w = (output * inputs + i) * rows.kernel;
                for oy in 0..rows.output {
                    for ky in rows.places(oy) {
                        let x = (x + rows.at(oy, ky)) * columns.input;
                        let w = (w + ky) * columns.kernel;
                        let y = (y + oy) * columns.output;
                        for kx in 0..columns.kernel {
                            for ox in columns.windows(kx) {
                                visit(x + columns.at(ox, kx), w + kx, y + ox);
                            }
                        }
                    }
                }
            }
        }
    }
}

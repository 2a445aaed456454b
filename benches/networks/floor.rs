//! The matrix products of a step and nothing else, through the engine's own product: what is left of the step's time is
//! the engine and everything that is no product.

use chainrule::tape::{Element, Matrix};

use super::Network;

/// The operands of all products of a step.
pub struct Floor {
    batch: usize,
    widths: &'static [usize],
    /// Of each layer: its input `[batch, inputs]` and its weight `[inputs, outputs]`.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
    /// An adjoint of the widest layer's outputs.
    adjoint: Vec<f32>,
    output: Vec<f32>,
}

impl Floor {
    pub fn new(network: &Network) -> Self {
        let Network { batch, widths, .. } = *network;
        let layers = widths.windows(2).enumerate().map(|(l, w)| {
            let x = network.x.iter().copied().cycle().take(batch * w[0]).collect();
            (x, network.params[2 * l].clone())
        });
        let widest = widths.iter().max().copied().unwrap_or(0);
        let greatest = widths.windows(2).map(|w| w[0] * w[1]).max().unwrap_or(0);
        Self {
            batch,
            widths,
            layers: layers.collect(),
            adjoint: network.x.iter().copied().cycle().take(batch * widest).collect(),
            output: vec![0.0; greatest.max(batch * widest)],
        }
    }

    /// `X·W` of every layer.
    #[inline(never)]
    pub fn forward(&mut self) {
        for (w, (x, weight)) in self.widths.windows(2).zip(&self.layers) {
            let (x, weight) = (Matrix::new(x, self.batch, w[0]), Matrix::new(weight, w[0], w[1]));
            f32::gemm(x, weight, &mut self.output[..self.batch * w[1]], false);
        }
    }

    /// All products of a step: forward, `Xᵀ·G` of every layer, and `G·Wᵀ` of every layer but the first, whose inputs
    /// are data.
    #[inline(never)]
    pub fn step(&mut self) {
        self.forward();
        for (l, (w, (x, weight))) in self.widths.windows(2).zip(&self.layers).enumerate().rev() {
            let x = Matrix::new(x, self.batch, w[0]);
            let adjoint = Matrix::new(&self.adjoint[..self.batch * w[1]], self.batch, w[1]);
            f32::gemm(x.t(), adjoint, &mut self.output[..w[0] * w[1]], false);
            if l > 0 {
                let weight = Matrix::new(weight, w[0], w[1]);
                f32::gemm(adjoint, weight.t(), &mut self.output[..self.batch * w[0]], false);
            }
        }
    }
}

//! One training step of a multilayer perceptron with the gradient written out: loops over slices, no engine.

use std::mem::swap;

/// What is between the layers.
#[derive(Clone, Copy, PartialEq)]
pub enum Hidden {
    Sigmoid,
    Relu,
}

/// A layer: parameters, their gradients, and what the step leaves for its way back.
struct Layer {
    inputs: usize,
    outputs: usize,
    /// `[inputs, outputs]`
    weight: Vec<f32>,
    bias: Vec<f32>,
    weight_gradient: Vec<f32>,
    bias_gradient: Vec<f32>,
    /// `[outputs, inputs]`, for the product of the way back.
    transposed: Vec<f32>,
    /// `[batch, outputs]`, after the activation.
    values: Vec<f32>,
}

/// The network and one batch. All memory is taken beforehand.
pub struct ByHand {
    hidden: Hidden,
    layers: Vec<Layer>,
    x: Vec<f32>,
    labels: Vec<usize>,
    /// The adjoint of a layer's outputs, and of its inputs.
    adjoint: Vec<f32>,
    next: Vec<f32>,
}

impl ByHand {
    /// `params` are weight and bias of each layer, in turn; weights are `[inputs, outputs]`.
    pub fn new(widths: &[usize], hidden: Hidden, params: &[Vec<f32>], x: &[f32], labels: &[usize]) -> Self {
        let batch = labels.len();
        let layer = |(w, p): (&[usize], &[Vec<f32>])| Layer {
            inputs: w[0],
            outputs: w[1],
            weight: p[0].clone(),
            bias: p[1].clone(),
            weight_gradient: vec![0.0; w[0] * w[1]],
            bias_gradient: vec![0.0; w[1]],
            transposed: vec![0.0; w[0] * w[1]],
            values: vec![0.0; batch * w[1]],
        };
        Self {
            hidden,
            layers: widths.windows(2).zip(params.chunks(2)).map(layer).collect(),
            x: x.to_vec(),
            labels: labels.to_vec(),
            adjoint: Vec::new(),
            next: Vec::new(),
        }
    }

    /// The parameters, as [`new`](Self::new) takes them.
    pub fn params(&self) -> Vec<Vec<f32>> {
        self.layers.iter().flat_map(|l| [l.weight.clone(), l.bias.clone()]).collect()
    }

    /// Forward, cross-entropy of the softmax, backward, update; the loss before it. The same loops are compiled for
    /// the vectors of AVX-512 where the machine has them.
    pub fn step(&mut self, rate: f32) -> f32 {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine has the feature.
            return unsafe { self.step_avx512(rate) };
        }
        self.step_plain(rate)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn step_avx512(&mut self, rate: f32) -> f32 {
        self.step_plain(rate)
    }

    #[inline(always)]
    fn step_plain(&mut self, rate: f32) -> f32 {
        let last = self.layers.len() - 1;
        for l in 0..=last {
            let (before, rest) = self.layers.split_at_mut(l);
            let layer = &mut rest[0];
            let x = before.last().map_or(&self.x, |b| &b.values);
            for row in layer.values.chunks_exact_mut(layer.outputs) {
                row.copy_from_slice(&layer.bias);
            }
            product(x, &layer.weight, &mut layer.values, layer.inputs, layer.outputs);
            if l < last {
                match self.hidden {
                    Hidden::Sigmoid => layer.values.iter_mut().for_each(|v| *v = 1.0 / (1.0 + (-*v).exp())),
                    Hidden::Relu => layer.values.iter_mut().for_each(|v| *v = v.max(0.0)),
                }
            }
        }

        let loss = self.softmax_cross_entropy();

        for l in (0..=last).rev() {
            let (before, rest) = self.layers.split_at_mut(l);
            let layer = &mut rest[0];
            let x = before.last().map_or(&self.x, |b| &b.values);
            layer.weight_gradient.fill(0.0);
            layer.bias_gradient.fill(0.0);
            for (k, gradient) in layer.weight_gradient.chunks_exact_mut(layer.outputs).enumerate() {
                for (x, adjoint) in x.chunks_exact(layer.inputs).zip(self.adjoint.chunks_exact(layer.outputs))
                {
                    add_scaled(gradient, x[k], adjoint);
                }
            }
            for adjoint in self.adjoint.chunks_exact(layer.outputs) {
                add_scaled(&mut layer.bias_gradient, 1.0, adjoint);
            }
            if l > 0 {
                for (k, row) in layer.weight.chunks_exact(layer.outputs).enumerate() {
                    for (j, &w) in row.iter().enumerate() {
                        layer.transposed[j * layer.inputs + k] = w;
                    }
                }
                self.next.clear();
                self.next.resize(x.len(), 0.0);
                product(&self.adjoint, &layer.transposed, &mut self.next, layer.outputs, layer.inputs);
                let pairs = self.next.iter_mut().zip(x);
                match self.hidden {
                    Hidden::Sigmoid => pairs.for_each(|(g, y)| *g *= y * (1.0 - y)),
                    Hidden::Relu => pairs.for_each(|(g, &y)| *g = if y > 0.0 { *g } else { 0.0 }),
                }
                swap(&mut self.adjoint, &mut self.next);
            }
        }

        for layer in &mut self.layers {
            add_scaled(&mut layer.weight, -rate, &layer.weight_gradient);
            add_scaled(&mut layer.bias, -rate, &layer.bias_gradient);
        }
        loss
    }

    /// The mean over the batch; leaves `(softmax − one-hot) / batch` in `adjoint`.
    #[inline(always)]
    fn softmax_cross_entropy(&mut self) -> f32 {
        let output = &self.layers[self.layers.len() - 1];
        self.adjoint.clear();
        self.adjoint.extend_from_slice(&output.values);
        let scale = 1.0 / self.labels.len() as f32;
        let mut loss = 0.0;
        for (row, &label) in self.adjoint.chunks_exact_mut(output.outputs).zip(&self.labels) {
            let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let logit = row[label] - max;
            row.iter_mut().for_each(|z| *z = (*z - max).exp());
            let sum: f32 = row.iter().sum();
            loss += sum.ln() - logit;
            row.iter_mut().for_each(|p| *p *= scale / sum);
            row[label] -= scale;
        }
        loss * scale
    }
}

/// `c += a·b` with `a` of `[m, k]` and `b` of `[k, n]`: i, k, j, so that the inner loop runs along rows.
#[inline(always)]
fn product(a: &[f32], b: &[f32], c: &mut [f32], k: usize, n: usize) {
    for (a, c) in a.chunks_exact(k).zip(c.chunks_exact_mut(n)) {
        for (&a, b) in a.iter().zip(b.chunks_exact(n)) {
            add_scaled(c, a, b);
        }
    }
}

#[inline(always)]
fn add_scaled(to: &mut [f32], scale: f32, from: &[f32]) {
    for (t, f) in to.iter_mut().zip(from) {
        *t += scale * f;
    }
}

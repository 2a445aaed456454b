//! The training step N6: images of 28 × 28; a convolution to 8 channels, 3 × 3 with a padding of 1, `ReLU`, the maxima of
//! 2 × 2; the same to 16 channels; 784 numbers to 10 classes. On the tape and by hand.

use chainrule::prelude::*;

use super::{Lcg, RATE};

pub const BATCH: usize = 64;
pub const SIDE: usize = 28;
const CLASSES: usize = 10;
/// Weight and bias of both convolutions, `[outputs, inputs, 3, 3]`, and of the last layer, `[inputs, outputs]`.
pub const SHAPES: [&[usize]; 6] = [&[8, 1, 3, 3], &[8], &[16, 8, 3, 3], &[16], &[784, 10], &[10]];

/// The network, a batch of 64, and the parameters that every tool starts from.
pub struct N6 {
    pub params: Vec<Vec<f32>>,
    /// `[64, 1, 28, 28]`
    pub x: Vec<f32>,
    pub labels: Vec<usize>,
}

impl Default for N6 {
    fn default() -> Self {
        let mut lcg = Lcg(6);
        let mut params = Vec::new();
        for (weight, fan_in) in SHAPES.chunks(2).zip([9.0, 72.0, 784.0]) {
            let scale = f64::sqrt(fan_in).recip();
            for shape in weight {
                params.push((0..shape.iter().product()).map(|_| lcg.signed(scale)).collect());
            }
        }
        let x = (0..BATCH * SIDE * SIDE).map(|_| lcg.signed(1.0)).collect();
        let labels = (0..BATCH).map(|_| (lcg.uniform() * CLASSES as f64) as usize).collect();
        Self { params, x, labels }
    }
}

/// Parameters, optimiser and a tape that is kept.
pub struct OnTape<'n> {
    network: &'n N6,
    params: Params<f32>,
    ids: Vec<ParamId>,
    sgd: Sgd<f32>,
    tape: Tape<f32>,
}

impl N6 {
    /// What is timed.
    pub fn on_tape(&self) -> OnTape<'_> {
        OnTape::new(self, RATE)
    }

    /// A step on the tape is the step by hand: before anything is timed.
    pub fn verify(&self) {
        let mut on_tape = OnTape::new(self, 1.0);
        let loss = on_tape.step();
        self.check("tape", Some(loss), &on_tape.params());
    }

    /// The loss and the moves of all parameters in one step at a rate of 1, which are the gradient, are those by hand: to
    /// 1e-4 of the greatest in each parameter. `loss` is `None` where a tool does not say.
    ///
    /// # Panics
    /// They are not; the message names the tool.
    pub fn check(&self, tool: &str, loss: Option<f32>, params: &[Vec<f32>]) {
        let (wanted, gradients) = self.by_hand();
        let loss = loss.unwrap_or(wanted);
        assert!((loss - wanted).abs() <= 1e-5 * wanted, "N6 {tool}: the loss is {loss}, by hand {wanted}");
        assert_eq!(params.len(), gradients.len(), "N6 {tool}: parameters");
        for (k, gradient) in gradients.iter().enumerate() {
            let greatest = gradient.iter().fold(0.0f32, |most, g| most.max(g.abs()));
            assert_eq!(params[k].len(), gradient.len(), "N6 {tool}: parameter {k}");
            for ((after, before), g) in params[k].iter().zip(&self.params[k]).zip(gradient) {
                let got = before - after;
                assert!(
                    (got - g).abs() <= 1e-4 * greatest,
                    "N6 {tool}: parameter {k} moves by {got}, not {g}"
                );
            }
        }
    }

    /// The loss, and the gradient of each parameter: one image after another, by the definitions.
    pub fn by_hand(&self) -> (f32, Vec<Vec<f32>>) {
        let mut gradients: Vec<_> = self.params.iter().map(|p| vec![0.0; p.len()]).collect();
        let (mut loss, share) = (0.0, 1.0 / BATCH as f32);
        for (x, &label) in self.x.chunks_exact(SIDE * SIDE).zip(&self.labels) {
            let p = &self.params;
            let first = block(x, (1, SIDE), &p[0], &p[1]);
            let second = block(&first.0, (8, SIDE / 2), &p[2], &p[3]);
            let mut logits = p[5].clone();
            for (x, row) in second.0.iter().zip(p[4].chunks_exact(CLASSES)) {
                logits.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
            }
            let total: f32 = logits.iter().map(|y| y.exp()).sum();
            loss += (total.ln() - logits[label]) * share;
            let mut upstream: Vec<f32> = logits.iter().map(|y| y.exp() / total * share).collect();
            upstream[label] -= share;
            gradients[5].iter_mut().zip(&upstream).for_each(|(to, g)| *to += g);
            let mut back = vec![0.0; second.0.len()];
            for (k, back) in back.iter_mut().enumerate() {
                for (c, g) in upstream.iter().enumerate() {
                    gradients[4][k * CLASSES + c] += second.0[k] * g;
                    *back += p[4][k * CLASSES + c] * g;
                }
            }
            let (head, tail) = gradients.split_at_mut(2);
            let [weight, bias, ..] = tail else { unreachable!() };
            let back = block_back(&first.0, (8, SIDE / 2), &p[2], (&second, &back), (weight, bias));
            let [weight, bias] = head else { unreachable!() };
            block_back(x, (1, SIDE), &p[0], (&first, &back), (weight, bias));
        }
        (loss, gradients)
    }
}

/// Convolution, `ReLU` and maxima of an image: the maxima, and where each was found.
fn block(x: &[f32], (inputs, side): (usize, usize), weight: &[f32], bias: &[f32]) -> (Vec<f32>, Vec<usize>) {
    let mut y: Vec<f32> = bias.iter().flat_map(|&b| std::iter::repeat_n(b, side * side)).collect();
    each(inputs, bias.len(), side, |at, k, to| y[to] += x[at] * weight[k]);
    y.iter_mut().for_each(|y| *y = y.max(0.0));
    let half = side / 2;
    let place = |k: usize| {
        let corner = k / half * 2 * side + k % half * 2;
        [0, 1, side, side + 1].map(|step| corner + step)
    };
    let places = (0..bias.len() * half * half).map(|k| {
        let window = place(k);
        window.into_iter().fold(window[0], |best, at| if y[at] > y[best] { at } else { best })
    });
    let places: Vec<usize> = places.collect();
    (places.iter().map(|&at| y[at]).collect(), places)
}

/// The way back: adds to the gradients of weight and bias, and gives that of the image.
fn block_back(
    x: &[f32],
    (inputs, side): (usize, usize),
    weight: &[f32],
    ((maxima, places), g): (&(Vec<f32>, Vec<usize>), &[f32]),
    (to_weight, to_bias): (&mut [f32], &mut [f32]),
) -> Vec<f32> {
    let outputs = to_bias.len();
    let mut upstream = vec![0.0; outputs * side * side];
    for ((&max, &at), &g) in maxima.iter().zip(places).zip(g) {
        upstream[at] = if max > 0.0 { g } else { 0.0 };
        to_bias[at / (side * side)] += upstream[at];
    }
    let mut back = vec![0.0; x.len()];
    each(inputs, outputs, side, |at, k, to| {
        to_weight[k] += x[at] * upstream[to];
        back[at] += weight[k] * upstream[to];
    });
    back
}

/// All numbers of the image, the weight and the output that a convolution of 3 × 3 with a padding of 1 brings together.
fn each(inputs: usize, outputs: usize, side: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for (o, i) in (0..outputs).flat_map(|o| (0..inputs).map(move |i| (o, i))) {
        for (ky, kx) in (0..3).flat_map(|ky| (0..3).map(move |kx| (ky, kx))) {
            for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))) {
                let (row, column) = ((y + ky).wrapping_sub(1), (x + kx).wrapping_sub(1));
                if row < side && column < side {
                    let k = ((o * inputs + i) * 3 + ky) * 3 + kx;
                    visit((i * side + row) * side + column, k, (o * side + y) * side + x);
                }
            }
        }
    }
}

impl<'n> OnTape<'n> {
    pub fn new(network: &'n N6, rate: f32) -> Self {
        let mut params = Params::seeded(0);
        let ids = SHAPES.iter().zip(&network.params).enumerate();
        let ids = ids.map(|(k, (&shape, values))| params.insert(format!("{k}"), (shape, values.as_slice())));
        let ids = ids.collect();
        Self { network, params, ids, sgd: Sgd::new(f64::from(rate)), tape: Tape::new() }
    }

    /// The batch goes on the tape; forward, softmax cross-entropy, backward, update. Returns the loss before it.
    pub fn step(&mut self) -> f32 {
        let net = self.params.on(&self.tape);
        let p = |k: usize| net.param(self.ids[k]);
        let x = self.tape.constant(([BATCH, 1, SIDE, SIDE], &*self.network.x));
        let (same, halves) = (Convolution::new().padding(1), Pool::new(2));
        let x = x.conv2d(p(0), Some(p(1)), same).relu().max_pool2d(halves);
        let x = x.conv2d(p(2), Some(p(3)), same).relu().max_pool2d(halves);
        let logits = x.reshape(&[BATCH.cast_signed(), -1]).affine(p(4), p(5));
        let loss = logits.softmax_cross_entropy(&self.network.labels);
        let (value, grads) = (loss.value(), net.backward(loss));
        self.tape.reset();
        self.sgd.step(&mut self.params, &grads);
        value
    }

    /// As [`N6::params`].
    pub fn params(&self) -> Vec<Vec<f32>> {
        self.ids.iter().map(|&id| self.params.values(id).to_vec()).collect()
    }
}

//! Layers forward and backward: products of stacks of matrices, normalisation, rows of a table, attention.

use std::hint::black_box;
use std::sync::Arc;

use chainrule::prelude::*;

use crate::serve::{Offer, Work};

/// The operation on its operands. Indices are data of the layer itself.
type Operation = for<'t> fn(&'t Tape<f32>, &[Tensor<'t, f32>]) -> Tensor<'t, f32>;

struct Layer {
    name: &'static str,
    /// Of the operands, all of which get a gradient.
    shapes: &'static [&'static [usize]],
    output: &'static [usize],
    operation: Operation,
}

/// The same as in `peers.py`.
const LAYERS: [Layer; 5] = [
    Layer {
        name: "matmul 64×32×32",
        shapes: &[&[64, 32, 32], &[64, 32, 32]],
        output: &[64, 32, 32],
        operation: |_, x| x[0].matmul(x[1]),
    },
    Layer {
        name: "matmul 8×128×64",
        shapes: &[&[8, 128, 64], &[8, 64, 128]],
        output: &[8, 128, 128],
        operation: |_, x| x[0].matmul(x[1]),
    },
    Layer {
        name: "layer norm",
        shapes: &[&[4096, 768], &[768], &[768]],
        output: &[4096, 768],
        operation: |_, x| x[0].layer_norm(&[768], Some(x[1]), Some(x[2]), 1e-5),
    },
    Layer {
        name: "embedding",
        shapes: &[&[30_000, 256]],
        output: &[WORDS, 256],
        operation: |tape, x| x[0].embedding(tape.constant(([WORDS], words()))),
    },
    Layer {
        name: "attention",
        shapes: &[&[8, 8, 128, 64], &[8, 8, 128, 64], &[8, 8, 128, 64]],
        output: &[8, 8, 128, 64],
        operation: |_, x| x[0].scaled_dot_product_attention(x[1], x[2], AttentionOptions::default()),
    },
];

const WORDS: usize = 4096;

/// Rows of the table, some of them more than once.
fn words() -> Vec<f32> {
    (0..WORDS).map(|k| (k * 7919 % 3001 * 9) as f32).collect()
}

/// The numbers of operand `j`, between −1 and 1; the upstream gradient is operand 9.
fn numbers(shape: &[usize], j: usize) -> Arc<Vec<f32>> {
    let number = |k| (((k * 7919 + j * 31) % 1009) as f64 / 504.0 - 1.0) as f32;
    Arc::new((0..shape.iter().product()).map(number).collect())
}

/// All layers. Tools agree on the sum of the absolute values of output and gradients.
pub fn offers() -> Vec<Offer> {
    let offer =
        |layer: Layer| Offer::with_value("chainrule", "chainrule", layer.name, move || on_tape(&layer));
    LAYERS.map(offer).into()
}

fn on_tape(layer: &Layer) -> (Work, f64) {
    let Layer { shapes, output, operation, .. } = *layer;
    let operands: Vec<_> = shapes.iter().enumerate().map(|(j, shape)| numbers(shape, j)).collect();
    let upstream = numbers(output, 9);
    let mut tape = Tape::<f32>::new();
    let mut step = move |look: &mut dyn FnMut(&[f32])| {
        tape.reset();
        let pairs = shapes.iter().zip(&operands);
        let leaves: Vec<_> = pairs.map(|(shape, x)| tape.tensor((*shape, Arc::clone(x)))).collect();
        let y = operation(&tape, &leaves);
        let grads = y.backward_with((output, Arc::clone(&upstream)));
        look(y.value().as_slice().expect("an output is whole"));
        leaves.iter().for_each(|&x| look(grads.wrt(x).as_slice().expect("a gradient is whole")));
    };
    let mut sum = 0.0;
    step(&mut |numbers| sum += numbers.iter().map(|&x| f64::from(x.abs())).sum::<f64>());
    let mut seen = |numbers: &[f32]| _ = black_box(numbers.as_ptr());
    (Box::new(move || step(&mut seen)), sum)
}

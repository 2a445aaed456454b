//! Tensors and scalars in one graph; shapes are checked, data gets no gradient.

use chainrule::prelude::*;
use ndarray::array;

fn main() {
    let tape = Tape::<f64>::new();
    let w = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    let x = tape.constant(array![[0.5], [-1.0]]); // data: no gradient is computed for it
    let k = tape.scalar(0.1);

    let h = (w.matmul(x) * k).tanh();
    let loss = h.square().mean();
    let grads = loss.backward();
    println!("h =\n{:.6}", h.value());
    println!("loss = {:.6}", loss.value());
    println!("dloss/dw =\n{:.6}", grads.wrt(w));
    println!("dloss/dk = {:.6}\n", grads[k]);

    // A tensor has no `backward`, but it takes an upstream gradient of its own shape: here, the row of a Jacobian.
    let row = h.backward_with(array![[1.0], [0.0]]);
    println!("dh[0]/dw =\n{:.6}\n", row.wrt(w));

    // Every operation that can fail on a shape has a twin that returns the error.
    println!("{}", x.try_matmul(x).unwrap_err());
}

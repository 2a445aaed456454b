//! An operation of one's own: one node in the graph, on equal terms with the built-in ones.

use chainrule::prelude::*;
use chainrule::tape::{Element, ErrorKind, Forward, Shape, View, Vjp};
use ndarray::array;

/// `x / ‖x‖`: the direction of a vector.
struct Normalise;

fn norm<T: Element>(x: &[T]) -> T {
    x.iter().fold(T::zero(), |norm, &x| norm.hypot(x))
}

impl<T: Element> TensorOp<T> for Normalise {
    fn name(&self) -> &'static str {
        "normalise"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        match inputs[0].shape {
            &[n] => Ok(Shape::from_slice(&[n])),
            _ => Err(Error::new(ErrorKind::Shape, "the operand must be a vector")),
        }
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0].data;
        let norm = norm(x);
        pass.output.iter_mut().zip(x).for_each(|(y, &x)| *y = x / norm);
    }

    /// `(g − y (y·g)) / ‖x‖`: what points along `x` changes nothing.
    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, y, g) = (pass.input(0).data, pass.output().data, pass.upstream());
        let norm = norm(x);
        let along = y.iter().zip(g).fold(T::zero(), |sum, (&y, &g)| sum + y * g);
        if let Some(downstream) = pass.downstream(0) {
            downstream.add(|k| (g[k] - y[k] * along) / norm);
        }
    }
}

fn main() -> Result<(), Error> {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![3.0, 4.0]);
    let y = tape.apply(Normalise, &[x])?;
    println!("y = {}", y.value());
    println!("dy[0]/dx = {:.3}", y.get([0]).backward().wrt(x));

    // Errors get the operation's name, the shapes and the line of the caller.
    let matrix = tape.tensor(array![[1.0, 2.0]]);
    println!("{}", tape.apply(Normalise, &[matrix]).unwrap_err());
    Ok(())
}

//! Elementwise operations and reductions of tensors, forward, next to a copy of the same bytes.

use std::hint::black_box;
use std::sync::Arc;

use chainrule::prelude::*;
use chainrule::tape::Element;

use crate::serve::{Offer, Work};

type Operation<T> = for<'t> fn(Tensor<'t, T>) -> Tensor<'t, T>;

fn operations<T: Element>() -> [(&'static str, Operation<T>); 15] {
    [
        ("add", |x| x + x),
        ("mul", |x| x * x),
        ("relu", |x| x.relu()),
        ("exp", |x| x.exp()),
        ("ln", |x| x.ln()),
        ("tanh", |x| x.tanh()),
        ("sigmoid", |x| x.sigmoid()),
        ("sin", |x| x.sin()),
        ("cos", |x| x.cos()),
        ("erf", |x| x.erf()),
        ("gelu", |x| x.gelu()),
        ("softplus", |x| x.softplus()),
        ("sum", |x| x.sum_axes(&[0, 1], false)),
        ("softmax", |x| x.softmax(-1)),
        ("log_softmax", |x| x.log_softmax(-1)),
    ]
}

/// Rows of the two sizes; each has 100 columns, or 1000.
const SHAPES: [(&str, [usize; 2]); 2] = [("1e3", [10, 100]), ("1e6", [1000, 1000])];

/// All operations in `f32` and `f64`, at 1e3 and 1e6 elements; the workloads are called `tanh f32 1e6`.
pub fn offers() -> Vec<Offer> {
    let mut offers = offers_of::<f32>("f32");
    offers.extend(offers_of::<f64>("f64"));
    offers
}

fn offers_of<T: Element + Send + Sync + 'static>(precision: &'static str) -> Vec<Offer> {
    let mut offers = Vec::new();
    for (size, shape) in SHAPES {
        // Between 0.01 and 4: all of these functions have work to do there, and the logarithm is defined.
        let n = shape[0] * shape[1];
        let number = |k| T::of(0.01 + 3.99 * (k * 7919 % n) as f64 / n as f64);
        let x: Arc<Vec<T>> = Arc::new((0..n).map(number).collect());
        for (name, operation) in operations::<T>() {
            let workload = format!("{name} {precision} {size}");
            let y = Arc::clone(&x);
            offers.push(Offer::with_value("chainrule", "chainrule", workload.clone(), move || {
                on_tape(y, shape, operation)
            }));
            let x = Arc::clone(&x);
            offers.push(Offer::new("copy", "", workload, move || {
                let mut copy = x.to_vec();
                Box::new(move || black_box(&mut copy).copy_from_slice(black_box(&x)))
            }));
        }
    }
    offers
}

fn on_tape<T: Element + 'static>(x: Arc<Vec<T>>, shape: [usize; 2], operation: Operation<T>) -> (Work, f64) {
    let mut tape = Tape::<T>::new();
    let sum = {
        let y = operation(tape.tensor((shape, Arc::clone(&x))));
        y.value().iter().map(|y| y.to_f64().unwrap_or(f64::NAN)).sum()
    };
    let work = Box::new(move || {
        tape.reset();
        black_box(operation(tape.tensor((shape, Arc::clone(&x)))).value().as_ptr());
    });
    (work, sum)
}

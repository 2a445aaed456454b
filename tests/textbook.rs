//! Numbers that textbooks print.

use chainrule::prelude::*;
use ndarray::array;

/// Agreement to the three decimals that are printed.
fn printed(got: f64, wanted: f64) -> bool {
    (got - wanted).abs() < 5e-4
}

#[test]
fn softmax_of_two() {
    for (x, wanted) in [([1.0, 2.0], [0.269, 0.731]), ([1.0, -2.0], [0.953, 0.047])] {
        let tape = Tape::<f64>::new();
        let y = tape.tensor(([2], x.to_vec())).softmax(0);
        assert!(printed(y.value()[0], wanted[0]) && printed(y.value()[1], wanted[1]), "{y}");
        // Out of scalars, operation by operation, it is the same.
        let (a, b) = (tape.scalar(x[0]), tape.scalar(x[1]));
        let first = a.exp() / (a.exp() + b.exp());
        assert!(printed(first.value(), wanted[0]), "{first}");
        // The Jacobian of softmax is diag(y) − y yᵀ.
        let leaf = tape.tensor(([2], x.to_vec()));
        let grads = leaf.softmax(0).get([0]).backward();
        let (p, q) = (y.value()[0], y.value()[1]);
        assert!((grads.wrt(leaf)[0] - p * q).abs() < 1e-15 && (grads.wrt(leaf)[1] + p * q).abs() < 1e-15);
        let grads = first.backward();
        assert!((grads[a] - p * q).abs() < 1e-15 && (grads[b] + p * q).abs() < 1e-15);
    }
}

#[test]
fn softmax_of_huge_numbers() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]]);
    let y = x.softmax(1);
    let third = 1.0 / 3.0;
    let wanted = array![[1.0, 0.0, 0.0], [third, third, third]].into_dyn();
    assert!((&y.value() - &wanted).iter().all(|d| d.abs() < 1e-15), "{y}");
    let grads = y.square().sum().backward();
    assert!(grads.wrt(x).iter().all(|g| g.abs() < 1e-15), "both rows are at an extremum: {:?}", grads.wrt(x));
}

/// The first activation of the textbooks: nothing propagates through it.
#[test]
fn the_step_function_has_no_derivative_to_learn_from() {
    let tape = Tape::<f64>::new();
    for (x, y) in [(-2.0, 0.0), (-0.0, 0.0), (0.0, 0.0), (1e-300, 1.0), (3.0, 1.0)] {
        let (scalar, tensor) = (tape.scalar(x), tape.tensor(array![x]));
        assert_eq!((scalar.step().value(), tensor.step().value()[0]), (y, y), "step({x})");
        assert_eq!((scalar.step() * 5.0).backward()[scalar], 0.0, "step'({x})");
        assert_eq!((tensor.step() * 5.0).sum().backward().wrt(tensor)[0], 0.0, "step'({x})");
    }
    // A perceptron with it: the weights get exactly zero.
    let w = tape.tensor(array![[0.5], [-0.25]]);
    let x = tape.constant(array![[1.0, 1.0], [0.0, 1.0]]);
    let loss = (x.matmul(w).step() - 0.5).square().mean();
    assert_eq!(loss.backward().wrt(w), array![[0.0], [0.0]].into_dyn());
}

/// The derivative of the logistic function is `y (1 − y)`, a quarter at most; of tanh it is `1 − y²`.
#[test]
fn derivatives_from_the_output() {
    let tape = Tape::<f64>::new();
    for x in [-3.0, -0.5, 0.0, 1.0, 4.0] {
        let x = tape.scalar(x);
        let (s, t) = (x.sigmoid(), x.tanh());
        let ds = s.backward()[x];
        assert!((ds - s.value() * (1.0 - s.value())).abs() < 1e-15 && ds <= 0.25);
        assert!((t.backward()[x] - (1.0 - t.value() * t.value())).abs() < 1e-15);
    }
    let x = tape.scalar(0.0);
    assert_eq!((x.sigmoid().value(), x.sigmoid().backward()[x], x.tanh().backward()[x]), (0.5, 0.25, 1.0));
}

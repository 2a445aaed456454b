//! Gradients that are turned into their operands' in place: where that happens, where it must not, and that nobody can
//! tell.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::array;
use tape::{Element, Error, Forward, NodeId, Recorded, Scalar, Shape, Tape, Tensor, TensorOp, View, Vjp};

/// How often the gradient of a [`Triple`] was made in place, and how often beside its upstream.
#[derive(Clone, Default)]
struct Counts {
    in_place: Rc<Cell<u32>>,
    apart: Rc<Cell<u32>>,
}

/// `y = 3x`
struct Triple {
    able: bool,
    counts: Counts,
}

impl<T: Element> TensorOp<T> for Triple {
    fn name(&self) -> &'static str {
        "triple"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(inputs[0].shape.into())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        pass.output.iter_mut().zip(pass.inputs[0].data).for_each(|(y, &x)| *y = T::of(3.0) * x);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let counts = &self.counts;
        counts.apart.set(counts.apart.get() + 1);
        let upstream = pass.upstream();
        let before = upstream.to_vec();
        if let Some(downstream) = pass.downstream(0) {
            downstream.add(|k| T::of(3.0) * upstream[k]);
        }
        assert_eq!(upstream, before, "the upstream gradient stays while the downstream one is written");
    }

    fn vjp_in_place(&self, k: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        assert_eq!((k, recorded.inputs.len(), recorded.saved.len()), (0, 1, 0));
        assert_eq!(recorded.output.data.len(), gradient.len());
        let counts = &self.counts;
        if self.able {
            counts.in_place.set(counts.in_place.get() + 1);
            gradient.iter_mut().for_each(|g| *g = T::of(3.0) * *g);
        }
        self.able
    }
}

/// Makes a node of `Triple`.
type Apply<'a> = &'a dyn for<'t> Fn(Tensor<'t>) -> Tensor<'t>;

/// What is made of two leaves, and the nodes besides them whose gradients are wanted.
type Graph = for<'t> fn(Tensor<'t>, Tensor<'t>, Apply<'_>) -> (Scalar<'t>, Vec<NodeId>);

/// Compares the wanted gradients with those of a pass that keeps all of them. Says how many nodes of `Triple` worked in
/// place and how many apart.
fn check(able: bool, graph: Graph) -> (u32, u32) {
    let counts = Counts::default();
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![[0.5, -1.5, 2.0], [0.25, 3.0, -0.75]]);
    let w = tape.tensor(array![[1.5, 0.5, -2.0], [1.0, -0.25, 0.125]]);
    let triple =
        |x: Tensor<'_>| x.tape().apply(Triple { able, counts: counts.clone() }, &[x]).unwrap().node_id();
    let (loss, nodes) = graph(x, w, &|x| x.tape().tensor_by_id(triple(x)).unwrap());
    let all = loss.backward();
    assert_eq!(counts.in_place.take(), 0, "every gradient is kept: none may become another's");
    counts.apart.take();
    let wanted = || nodes.iter().copied().chain([x.node_id(), w.node_id()]);
    for _ in 0..2 {
        let some = loss.backward_for(wanted());
        wanted().for_each(|id| assert_eq!(some.by_id(id), all.by_id(id), "the gradient of {id}"));
    }
    (counts.in_place.get() / 2, counts.apart.get() / 2)
}

#[test]
fn a_chain_that_nobody_looks_into() {
    let chain: Graph = |x, w, triple| {
        let y = triple(triple(x * w).tanh().reshape(&[3, -1])).exp();
        (y.sum(), vec![])
    };
    assert_eq!(check(true, chain), (2, 0));
    assert_eq!(check(false, chain), (0, 2), "an operation that cannot is asked for the other way");
}

#[test]
fn a_leaf_may_get_the_memory_too() {
    assert_eq!(check(true, |x, _, triple| (triple(x).square().sum(), vec![])), (1, 0));
}

#[test]
fn an_upstream_gradient_that_is_wanted() {
    let graph: Graph = |x, w, triple| {
        let y = triple(x * w);
        (triple(y.sin()).sum(), vec![y.node_id()])
    };
    assert_eq!(check(true, graph), (1, 1));
}

#[test]
fn an_operand_that_has_a_gradient_already() {
    let graph: Graph = |x, w, triple| {
        let y = x * w;
        let first = triple(y);
        ((first + y.sin()).sum(), vec![])
    };
    assert_eq!(check(true, graph), (0, 1), "the sine has written there");
}

#[test]
fn an_operand_used_twice() {
    check(true, |x, w, triple| {
        let y = triple(x * w);
        ((y * y).sum() + (y + y).exp().sum(), vec![])
    });
    check(true, |x, w, triple| {
        let y = triple(x);
        let z = y.atan2(y * 0.5 + w);
        ((z / z.square()).sum(), vec![z.node_id()])
    });
}

#[test]
fn operands_that_are_broadcast_or_constant() {
    check(true, |x, _, triple| {
        let row = x.tape().constant(array![0.5, 2.0, -1.0]);
        let one = triple(x).sum_axes(&[0, 1], true);
        ((triple(x) * row).sum() + (one * 2.0).tanh().sum() + (row * one).sum(), vec![])
    });
}

#[test]
fn a_gradient_without_axes_stays_where_it_is() {
    check(true, |x, w, triple| {
        let loss = (triple(x) * w).sum();
        (triple(triple(Tensor::stack(&[loss]).reshape(&[]))).to_scalar(), vec![])
    });
}

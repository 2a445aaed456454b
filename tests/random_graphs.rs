//! Random graphs of scalars and tensors: the gradient of every leaf against differences, and pruned against whole.

use chainrule::prelude::*;
use ndarray::ArrayD;
use proptest::prelude::*;

/// A node of either lane.
#[derive(Clone, Copy)]
enum Any<'t> {
    Scalar(Scalar<'t>),
    Tensor(Tensor<'t>),
}

/// What one step does, and to which of the nodes before it (counted modulo their number).
type Step = (u8, usize, usize);

const SHAPES: [&[usize]; 6] = [&[], &[2, 3], &[3], &[], &[2, 3], &[3]];

/// The leaves: those at 0 and 3 are scalars, the first as a scalar, the other as a tensor without axes.
fn leaves<'t>(tape: &'t Tape<f64>, inputs: &[ArrayD<f64>]) -> Vec<Any<'t>> {
    let leaf = |(k, x): (usize, &ArrayD<f64>)| match k {
        0 => Any::Scalar(tape.scalar(x.sum())),
        _ => Any::Tensor(tape.tensor(x)),
    };
    inputs.iter().enumerate().map(leaf).collect()
}

impl<'t> Any<'t> {
    fn tensor(self) -> Tensor<'t> {
        match self {
            Self::Scalar(x) => Tensor::stack(&[x, x * 0.5, x.tanh()]),
            Self::Tensor(x) => x,
        }
    }

    fn scalar(self) -> Scalar<'t> {
        match self {
            Self::Scalar(x) => x,
            Self::Tensor(x) if x.shape().is_empty() => x.to_scalar(),
            Self::Tensor(x) => x.get(vec![0; x.shape().len()]),
        }
    }

    fn map(self, s: impl Fn(Scalar<'t>) -> Scalar<'t>, t: impl Fn(Tensor<'t>) -> Tensor<'t>) -> Self {
        match self {
            Self::Scalar(x) => Self::Scalar(s(x)),
            Self::Tensor(x) => Self::Tensor(t(x)),
        }
    }
}

/// `f` of both; where the shapes do not fit, of one and a number out of the other.
macro_rules! both {
    ($a:expr, $b:expr, $op:tt) => {
        match ($a, $b) {
            (Any::Scalar(a), Any::Scalar(b)) => Any::Scalar(a $op b),
            (Any::Scalar(a), Any::Tensor(b)) => Any::Tensor(a $op b),
            (Any::Tensor(a), Any::Scalar(b)) => Any::Tensor(a $op b),
            (Any::Tensor(a), Any::Tensor(b)) if tape::shape::broadcast(a.shape(), b.shape()).is_ok() => {
                Any::Tensor(a $op b)
            }
            (Any::Tensor(a), b) => Any::Tensor(a $op b.scalar()),
        }
    };
}

/// A matrix: of a row where there is one axis.
fn matrix(x: Tensor<'_>) -> Tensor<'_> {
    if x.shape().len() == 2 { x } else { x.reshape(&[1, -1]) }
}

/// How many steps there are to choose from.
const KINDS: u8 = 20;

fn step<'t>(kind: u8, a: Any<'t>, b: Any<'t>) -> Any<'t> {
    match kind {
        0 => both!(a, b, +),
        1 => both!(a, b, -),
        // Bounded, so that no power tower grows.
        2 => both!(a.map(Scalar::tanh, Tensor::tanh), b, *),
        3 => a.map(Scalar::tanh, Tensor::tanh),
        4 => a.map(Scalar::sin, Tensor::sin),
        5 => a.map(|x| x.tanh().exp(), |x| x.tanh().exp()),
        6 => a.map(|x| x.sin().square(), |x| x.sin().square()),
        7 => a.map(Scalar::sigmoid, Tensor::sigmoid),
        8 => a.map(Scalar::softplus, Tensor::softplus),
        9 => {
            let (a, b) = (matrix(a.tensor().tanh()), matrix(b.tensor()));
            let product = if a.shape()[1] == b.shape()[0] {
                a.matmul(b)
            } else if a.shape()[1] == b.shape()[1] {
                a.matmul(b.t())
            } else if a.shape()[0] == b.shape()[0] {
                a.t().matmul(b)
            } else {
                a.matmul(a.t())
            };
            Any::Tensor(product * 0.5)
        }
        10 => {
            let x = a.tensor();
            let axes: &[isize] = if x.shape().is_empty() { &[] } else { &[-1] };
            Any::Tensor(x.sum_axes(axes, x.shape().len() == 2) * 0.5)
        }
        11 => Any::Scalar(a.tensor().mean()),
        12 => both!(Any::Scalar(a.scalar()), Any::Tensor(b.tensor().sin()), *),
        13 => Any::Scalar(a.scalar()),
        14 => Any::Tensor(Tensor::stack(&[a.scalar(), b.scalar(), a.scalar()])),
        15 => Any::Tensor(a.tensor().reshape(&[-1])),
        16 => {
            let (a, b) = (a.tensor().reshape(&[-1]), b.tensor().reshape(&[-1]));
            let joined = Tensor::concat(&[a, b, a], 0);
            Any::Tensor(joined.slice(&[Span::from(1..).step(joined.shape()[0].div_ceil(4).cast_signed())]))
        }
        17 => {
            let x = a.tensor().reshape(&[-1]);
            Any::Tensor(x.slice(&[(..x.shape()[0].div_ceil(2)).into()]))
        }
        18 => Any::Tensor(match a.tensor() {
            x if x.shape().is_empty() => x,
            x => x.softmax(-1),
        }),
        _ => Any::Scalar(a.tensor().logsumexp()),
    }
}

/// Runs the program; the output looks at the last nodes, all of them.
fn run<'t>(leaves: &[Any<'t>], steps: &[Step]) -> Scalar<'t> {
    let mut nodes = leaves.to_vec();
    for &(kind, a, b) in steps {
        nodes.push(step(kind, nodes[a % nodes.len()], nodes[b % nodes.len()]));
    }
    let last = nodes[nodes.len().saturating_sub(4)..].iter();
    last.map(|node| node.tensor().sin().sum()).sum()
}

fn inputs() -> impl Strategy<Value = Vec<ArrayD<f64>>> {
    let numbers = |shape: &'static [usize]| {
        let len = shape.iter().product::<usize>();
        prop::collection::vec(-1.5..1.5_f64, len).prop_map(move |v| ArrayD::from_shape_vec(shape, v).unwrap())
    };
    SHAPES.map(numbers).to_vec()
}

fn gradient(grads: &Gradients<f64>, leaf: Any<'_>) -> Vec<f64> {
    match leaf {
        Any::Scalar(x) => vec![grads[x]],
        Any::Tensor(x) => grads.wrt(x).iter().copied().collect(),
    }
}

fn reached(grads: &Gradients<f64>, leaf: Any<'_>) -> bool {
    match leaf {
        Any::Scalar(x) => grads.get(x).is_some(),
        Any::Tensor(x) => grads.get(x).is_some(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gradients_equal_differences(
        inputs in inputs(),
        steps in prop::collection::vec((0..KINDS, 0..1000_usize, 0..1000_usize), 5..20),
    ) {
        let tape = Tape::new();
        let leaves_here = leaves(&tape, &inputs);
        let grads = run(&leaves_here, &steps).backward();
        let value = |inputs: &[ArrayD<f64>]| {
            let tape = Tape::new();
            run(&leaves(&tape, inputs), &steps).value()
        };
        for (which, &leaf) in leaves_here.iter().enumerate() {
            for (k, got) in gradient(&grads, leaf).into_iter().enumerate() {
                let slope = |h: f64| {
                    let at = |step: f64| {
                        let mut moved = inputs.clone();
                        moved[which].as_slice_mut().unwrap()[k] += step;
                        value(&moved)
                    };
                    (at(h) - at(-h)) / (2.0 * h)
                };
                // Richardson: the error of order h² cancels.
                let wanted = (4.0 * slope(5e-4) - slope(1e-3)) / 3.0;
                prop_assert!(
                    (got - wanted).abs() <= 1e-6 * wanted.abs().max(1.0),
                    "leaf {which}, element {k}: {got} against {wanted}"
                );
                prop_assert!(
                    got != 0.0 || wanted.abs() < 1e-9 || reached(&grads, leaf),
                    "leaf {which} is cut off, yet the output moves by {wanted}"
                );
                prop_assert!(got != 0.0 || wanted.abs() < 1e-8, "leaf {which}, element {k}: 0 against {wanted}");
            }
        }
    }

    #[test]
    fn pruned_gradients_are_the_same_bits(
        inputs in inputs(),
        steps in prop::collection::vec((0..KINDS, 0..1000_usize, 0..1000_usize), 5..25),
        wanted in prop::collection::vec(any::<bool>(), 6),
    ) {
        let tape = Tape::new();
        let all = leaves(&tape, &inputs);
        let y = run(&all, &steps);
        let chosen: Vec<_> = all.iter().zip(&wanted).filter(|(_, on)| **on).map(|(&leaf, _)| leaf).collect();
        let ids = chosen.iter().map(|leaf| match leaf {
            Any::Scalar(x) => x.node_id(),
            Any::Tensor(x) => x.node_id(),
        });
        let (whole, pruned) = (y.backward(), y.backward_for(ids));
        for leaf in chosen {
            let bits = |grads| gradient(grads, leaf).into_iter().map(f64::to_bits).collect::<Vec<_>>();
            prop_assert_eq!(reached(&whole, leaf), reached(&pruned, leaf));
            prop_assert_eq!(bits(&whole), bits(&pruned));
        }
    }
}

/// The program above reaches every operation that it lists: a fixed walk through all of them.
#[test]
fn every_kind_of_step_runs() {
    let inputs: Vec<_> = SHAPES.iter().map(|&shape| ArrayD::from_elem(shape, 0.7)).collect();
    for kind in 0..KINDS {
        for a in 0..SHAPES.len() {
            let tape = Tape::new();
            let leaves = leaves(&tape, &inputs);
            for b in 0..SHAPES.len() {
                let y = step(kind, leaves[a], leaves[b]).tensor().sin().sum();
                assert!(y.value().is_finite(), "step {kind}");
                assert!(reached(&y.backward(), leaves[a]), "step {kind} of leaf {a} depends on it");
            }
        }
    }
}

//! Random programs over all operations of the library: the gradient of every node, inner ones too, against a forward-mode
//! evaluation, and against differences wherever it is zero.

use chainrule::prelude::*;
use proptest::prelude::*;
use tape::listing::{Listed, Numbers, Walk};
use tape::{Arity, Dual, Element, Rule, TensorOperand};

/// A node of either lane.
#[derive(Clone, Copy)]
enum Any<'t, T: Element> {
    Scalar(Scalar<'t, T>),
    Tensor(Tensor<'t, T>),
}

/// Records one sample of a structured operation.
type Record<T> = Box<dyn for<'t> Fn(&'t Tape<T>, &[Tensor<'t, T>]) -> Tensor<'t, T>>;

/// One sample of a structured operation, as a step of a program.
struct Structured<T: Element> {
    operands: Vec<(Vec<usize>, Numbers)>,
    record: Record<T>,
}

/// Every sample of every structured operation, over one type of number.
struct Operations<T: Element>(Vec<Structured<T>>);

impl<T: Element + 'static> Walk for Operations<T> {
    fn visit<O: Listed>(&mut self) {
        for sample in O::samples() {
            let operation = sample.operation;
            self.0.push(Structured {
                operands: sample.operands.iter().map(|x| (x.shape.to_vec(), x.numbers.clone())).collect(),
                record: Box::new(move |tape, operands| {
                    tape.apply(operation.clone().operation(), operands).expect("a sample fits")
                }),
            });
        }
    }
}

impl<T: Element + 'static> Operations<T> {
    fn all() -> Self {
        let mut all = Self(Vec::new());
        tape::walk_operations(&mut all);
        nn::walk_operations(&mut all);
        all
    }
}

/// What one step does, which of the nodes before it are its operands (counted modulo their number), and how they are moved.
#[derive(Clone, Debug)]
struct Step {
    what: What,
    operands: [usize; 3],
    shift: u8,
}

/// Counted modulo the length of the list.
#[derive(Clone, Debug)]
enum What {
    ScalarRule(usize),
    TensorRule(usize),
    Structured(usize),
}

/// A number that is moved along: at node `.0` by `.1` times its direction.
type Poke<T> = Option<(usize, T)>;

/// The direction in which the elements of node `k` are moved.
fn direction(node: usize, element: usize) -> f64 {
    (1.0 + 1.7 * element as f64 + 0.9 * node as f64).sin()
}

/// The middle and the half of an interval.
fn parts(range: &std::ops::RangeInclusive<f64>) -> (f64, f64) {
    (f64::midpoint(*range.start(), *range.end()), (range.end() - range.start()) / 2.0)
}

/// Where element `k` of an operand is moved: two equal numbers become different ones.
fn offset(shift: u8, element: usize) -> f64 {
    (f64::from(shift) + 0.618_034 * element as f64) % 3.0 - 1.5
}

impl<'t, T: Element> Any<'t, T> {
    fn shape(self) -> &'t [usize] {
        match self {
            Self::Scalar(_) => &[],
            Self::Tensor(x) => x.shape(),
        }
    }

    fn len(self) -> usize {
        self.shape().iter().product()
    }

    /// One number of it, or the sum of all.
    fn scalar(self, shift: u8) -> Scalar<'t, T> {
        match self {
            Self::Scalar(x) => x,
            Self::Tensor(x) if self.len() == 0 || shift.is_multiple_of(2) => x.sum(),
            Self::Tensor(x) => x.get(tape::shape::unravel(usize::from(shift) % self.len(), x.shape())),
        }
    }

    /// A scalar made of it, within an interval.
    fn scalar_within(self, range: &std::ops::RangeInclusive<f64>, shift: u8) -> Scalar<'t, T> {
        let (middle, half) = parts(range);
        let wave = (self.scalar(shift).asinh() + T::of(offset(shift, 0))).sin();
        wave * T::of(0.9 * half) + T::of(middle)
    }

    /// A tensor of some shape made of its numbers, within an interval.
    fn tensor_within(
        self,
        tape: &'t Tape<T>,
        shape: &[usize],
        range: &std::ops::RangeInclusive<f64>,
        shift: u8,
    ) -> Tensor<'t, T> {
        let (middle, half) = parts(range);
        let wanted: usize = shape.iter().product();
        let offsets: Vec<T> = (0..wanted).map(|k| T::of(offset(shift, k))).collect();
        let offsets = tape.constant((shape, offsets));
        let moved = match self {
            Self::Scalar(x) => offsets + x.asinh(),
            Self::Tensor(x) if self.len() == 0 => offsets + x.sum(),
            Self::Tensor(x) => {
                let flat = x.asinh().reshape(&[-1]);
                let copies = vec![flat; wanted.div_ceil(self.len()).max(1)];
                let enough = Tensor::concat(&copies, 0).slice(&[Span::from(..wanted)]);
                let shape: Vec<isize> = shape.iter().map(|&extent| extent.cast_signed()).collect();
                offsets + enough.reshape(&shape)
            }
        };
        moved.sin() * T::of(0.9 * half) + T::of(middle)
    }

    /// Moved along its direction.
    fn poke(self, tape: &'t Tape<T>, node: usize, by: T) -> Self {
        match self {
            Self::Scalar(x) => Self::Scalar(x + by * T::of(direction(node, 0))),
            Self::Tensor(x) => {
                let moves = (0..self.len()).map(|k| by * T::of(direction(node, k))).collect::<Vec<_>>();
                Self::Tensor(x + tape.constant((x.shape(), moves)))
            }
        }
    }
}

fn step<'t, T: Element>(
    tape: &'t Tape<T>,
    operations: &Operations<T>,
    nodes: &[Any<'t, T>],
    Step { what, operands, shift }: &Step,
) -> Any<'t, T> {
    let operand = |k: usize| nodes[operands[k % 3] % nodes.len()];
    match *what {
        What::ScalarRule(rule) => {
            let rule = Rule::ALL[rule % Rule::ALL.len()];
            let made = rule.domain().iter().enumerate().map(|(k, range)| match (k, rule.arity()) {
                (1, Arity::Parameter) => Scalar::constant(T::of(parts(range).0)),
                _ => operand(k).scalar_within(range, shift.wrapping_add(k as u8)),
            });
            Any::Scalar(Scalar::apply(rule, &made.collect::<Vec<_>>()).expect("the rule's own operands"))
        }
        What::TensorRule(rule) => {
            let rule = Rule::ALL[rule % Rule::ALL.len()];
            let shapes: [&[usize]; 2] = [&[2, 3], if shift.is_multiple_of(2) { &[2, 3] } else { &[3] }];
            let made = rule.domain().iter().enumerate().map(|(k, range)| match (k, rule.arity()) {
                (1, Arity::Parameter) => TensorOperand::from(T::of(parts(range).0)),
                _ => operand(k).tensor_within(tape, shapes[k], range, shift.wrapping_add(k as u8)).into(),
            });
            Any::Tensor(Tensor::apply(rule, &made.collect::<Vec<_>>()).expect("the rule's own operands"))
        }
        What::Structured(which) => {
            let Structured { operands, record } = &operations.0[which % operations.0.len()];
            let made = operands.iter().enumerate().map(|(k, (shape, numbers))| match numbers {
                Numbers::Given(numbers) => {
                    tape.constant((&shape[..], numbers.iter().map(|&x| T::of(x)).collect::<Vec<_>>()))
                }
                Numbers::Within(range) => {
                    operand(k).tensor_within(tape, shape, range, shift.wrapping_add(k as u8))
                }
            });
            Any::Tensor(record(tape, &made.collect::<Vec<_>>()))
        }
    }
}

/// Whether each node is data: it is made of nothing that has a gradient, and so has none itself.
fn data(operations: &Operations<f64>, program: &[Step], leaves: usize) -> Vec<bool> {
    let mut data = vec![false; leaves];
    for Step { what, operands, .. } in program {
        let used: Vec<bool> = match *what {
            What::ScalarRule(rule) | What::TensorRule(rule) => {
                let rule = Rule::ALL[rule % Rule::ALL.len()];
                let variables = if rule.arity() == Arity::Binary { 2 } else { 1 };
                vec![true; variables]
            }
            What::Structured(which) => {
                let operands = &operations.0[which % operations.0.len()].operands;
                operands.iter().map(|(_, numbers)| matches!(numbers, Numbers::Within(_))).collect()
            }
        };
        let is_data = |(k, &used): (usize, &bool)| !used || data[operands[k % 3] % data.len()];
        data.push(used.iter().enumerate().all(is_data));
    }
    data
}

/// Runs the program on fixed leaves. The output looks at the last nodes, all of them.
fn run<'t, T: Element>(
    tape: &'t Tape<T>,
    operations: &Operations<T>,
    program: &[Step],
    poke: Poke<T>,
) -> (Vec<Any<'t, T>>, Scalar<'t, T>) {
    let matrix: Vec<T> = (0..6).map(|k| T::of(0.3 * f64::from(k) - 0.8)).collect();
    let leaves = [
        Any::Scalar(tape.scalar(T::of(0.7))),
        Any::Tensor(tape.tensor(([2, 3], matrix))),
        Any::Tensor(tape.tensor(([3], [1.2, -0.4, 0.5].map(T::of).to_vec()))),
    ];
    let mut nodes: Vec<Any<'t, T>> = Vec::new();
    for k in 0..leaves.len() + program.len() {
        let made = match leaves.get(k) {
            Some(&leaf) => leaf,
            None => step(tape, operations, &nodes, &program[k - leaves.len()]),
        };
        nodes.push(match poke {
            Some((node, by)) if node == k => made.poke(tape, k, by),
            _ => made,
        });
    }
    let last = nodes[nodes.len().saturating_sub(4)..].iter().enumerate();
    let output = last.map(|(k, node)| node.tensor_within(tape, &[4], &(-1.0..=1.0), k as u8).sum()).sum();
    (nodes, output)
}

/// The gradient of a node along its direction, and the largest number of it.
fn along(grads: &Gradients<f64>, node: Any<'_, f64>, k: usize) -> (f64, f64) {
    let numbers: Vec<f64> = match node {
        Any::Scalar(x) => vec![grads[x]],
        Any::Tensor(x) => grads.wrt(x).iter().copied().collect(),
    };
    let product = numbers.iter().enumerate().map(|(element, g)| g * direction(k, element)).sum();
    (product, numbers.iter().fold(0.0, |max, g| g.abs().max(max)))
}

fn programs(steps: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let what = prop_oneof![
        any::<u16>().prop_map(|k| What::ScalarRule(k.into())),
        any::<u16>().prop_map(|k| What::TensorRule(k.into())),
        any::<u16>().prop_map(|k| What::Structured(k.into())),
        any::<u16>().prop_map(|k| What::Structured(k.into())),
    ];
    let step = (what, any::<[u16; 3]>(), any::<u8>());
    let step =
        step.prop_map(|(what, operands, shift)| Step { what, operands: operands.map(usize::from), shift });
    prop::collection::vec(step, steps)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_node_has_the_gradient_of_forward_mode(program in programs(1..57)) {
        let (plain, dual) = (Operations::<f64>::all(), Operations::<Dual<f64>>::all());
        let tape = Tape::new();
        let (nodes, output) = run(&tape, &plain, &program, None);
        let grads = output.backward();
        let gradients: Vec<_> = nodes.iter().enumerate().map(|(k, &node)| along(&grads, node, k)).collect();
        let scale = gradients.iter().fold(1.0, |max: f64, (_, g)| g.max(max));
        let (mut forward, mut moved) = (Tape::new(), Tape::new());
        let data = data(&plain, &program, nodes.len() - program.len());
        for (k, &(got, _)) in gradients.iter().enumerate() {
            if data[k] {
                prop_assert_eq!(got, 0.0, "node {} of {:?} is data", k, program);
                continue;
            }
            let wanted = run(&forward, &dual, &program, Some((k, Dual::new(0.0, 1.0)))).1.value().tangent;
            forward.reset();
            prop_assert!(
                (got - wanted).abs() <= 1e-9 * scale,
                "node {k} of {program:?}: reverse {got}, forward {wanted}, scale {scale}"
            );
            if got == 0.0 {
                let mut quotient = |h: f64| {
                    let mut at = |h| {
                        let value = run(&moved, &plain, &program, Some((k, h))).1.value();
                        moved.reset();
                        value
                    };
                    (at(h) - at(-h)) / (2.0 * h)
                };
                let (near, far) = (quotient(1e-5), quotient(2e-5));
                let moves = near.abs() > 1e-6 && (near - far).abs() < 0.1 * near.abs();
                prop_assert!(!moves, "node {k} of {program:?}: a gradient of 0, and yet the output moves by {near}");
            }
        }
    }

    #[test]
    fn pruned_gradients_are_the_same_bits(
        program in programs(5..40),
        wanted in prop::collection::vec(any::<bool>(), 8),
    ) {
        let operations = Operations::all();
        let tape = Tape::new();
        let (nodes, output) = run(&tape, &operations, &program, None);
        // What is data has a gradient if it is asked for by name, and none otherwise.
        let data = data(&operations, &program, nodes.len() - program.len());
        let asked = nodes.iter().zip(&wanted).zip(&data).filter(|((_, on), data)| **on && !**data);
        let chosen: Vec<_> = asked.map(|((&node, _), _)| node).collect();
        let ids = chosen.iter().map(|node| match node {
            Any::Scalar(x) => x.node_id(),
            Any::Tensor(x) => x.node_id(),
        });
        let (whole, pruned) = (output.backward(), output.backward_for(ids));
        for node in chosen {
            let bits = |grads: &Gradients<f64>| match node {
                Any::Scalar(x) => vec![grads[x].to_bits()],
                Any::Tensor(x) => grads.wrt(x).iter().map(|g| g.to_bits()).collect(),
            };
            prop_assert_eq!(bits(&whole), bits(&pruned));
        }
    }
}

/// Every operation lets a gradient through to its operands, or does not move when they do.
#[test]
fn every_operation_is_on_the_way_to_the_output() {
    let operations = Operations::<f64>::all();
    let whats = (0..Rule::ALL.len())
        .flat_map(|k| [What::ScalarRule(k), What::TensorRule(k)])
        .chain((0..operations.0.len()).map(What::Structured));
    let (mut all, mut through) = (0, 0);
    for what in whats {
        let program = [Step { what: what.clone(), operands: [0, 1, 2], shift: 1 }];
        let of = |poke| {
            let tape = Tape::new();
            let (nodes, _) = run(&tape, &operations, &program, poke);
            let output = nodes[3].tensor_within(&tape, &[4], &(-1.0..=1.0), 0).sum();
            let grads = output.backward();
            (output.value(), (0..3).any(|k| along(&grads, nodes[k], k).1 != 0.0))
        };
        let (value, depends) = of(None);
        assert!(value.is_finite(), "{what:?}");
        for k in 0..3 {
            let moved = of(Some((k, 1e-4))).0;
            assert!(depends || moved == value, "{what:?}: no gradient, and yet leaf {k} moves the output");
        }
        all += 1;
        through += usize::from(depends);
    }
    assert!(through * 10 > all * 7, "{through} of {all} steps let a gradient through");
}

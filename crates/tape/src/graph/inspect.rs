//! What can be seen of a graph: nodes, edges, and the listing.

use std::fmt;
use std::panic::Location;

use ndarray::{ArrayD, IxDyn};
use smallvec::SmallVec;

use super::gradients::{Gradient, Gradients};
use super::lane::Reading;
use super::memory::lend;
use super::node::Graph;
use super::record::{Kind, Slot};
use super::tape::Tape;
use crate::element::Element;
use crate::error::Error;
use crate::handles::Tensor;
use crate::id::NodeId;
use crate::operation::{Downstream, Sinks};

/// A node of the graph, as [`Tape::nodes`] shows it.
#[derive(Clone, Copy)]
pub struct Node<'t, T: Element> {
    tape: &'t Tape<T>,
    id: NodeId,
}

/// An operand of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand<T> {
    /// Another node.
    Node(NodeId),
    /// A constant, which records nothing of its own.
    Constant(T),
}

/// An edge between scalars: see [`Gradients::edges`].
#[derive(Clone, Debug, PartialEq)]
pub struct Edge<T> {
    /// The operand.
    pub input: NodeId,
    /// Which operand it is, constants counted.
    pub position: usize,
    /// Where the operand is a tensor: which of its elements, in row-major order.
    pub element: Option<usize>,
    /// The derivative of the node's value with respect to the operand.
    pub local: T,
    /// The gradient that arrived at the node.
    pub upstream: T,
    /// The gradient that went on to the operand: `local × upstream`.
    pub downstream: T,
}

/// An edge from a tensor: see [`Gradients::edges`].
#[derive(Clone, Debug, PartialEq)]
pub struct TensorEdge<T> {
    /// The operand.
    pub input: NodeId,
    /// Which operand it is, constants counted.
    pub position: usize,
    /// The derivatives: of an elementwise operation in the node's shape, of a node without axes in the operand's. Any
    /// other operation's is a whole Jacobian, which is never formed.
    pub local: Option<ArrayD<T>>,
    /// The gradient that arrived at the node, in the node's shape.
    pub upstream: ArrayD<T>,
    /// The gradient that went on to the operand, in the operand's shape.
    pub downstream: ArrayD<T>,
}

/// A node taken apart: see [`Node::open_on`].
#[derive(Clone, Debug)]
pub struct Opened<'t, T: Element> {
    /// The operands, in their order.
    pub inputs: Vec<Tensor<'t, T>>,
    /// What the node computes.
    pub output: Tensor<'t, T>,
}

impl<T: Element> Tape<T> {
    /// The nodes, in the order in which they were recorded.
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.scalar(2.0).named("x");
    /// let y = (x * 3.0).sin();
    /// let operations: Vec<_> = tape.nodes().map(|node| node.op().to_owned()).collect();
    /// assert_eq!(operations, ["leaf", "mul", "sin"]);
    /// let mul = tape.nodes().nth(1).unwrap();
    /// assert_eq!(mul.inputs().as_slice(), [x.node_id()]);
    /// assert_eq!(mul.location().file(), file!());
    /// ```
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node<'_, T>> {
        (0..self.len() as u32).map(|id| Node { tape: self, id: NodeId(id) })
    }

    /// The node with this id.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.scalar(2.0).sin();
    /// assert_eq!(tape.node(y.node_id()).unwrap().op(), "sin");
    /// assert!(tape.node(y.node_id().offset(1)).is_none());
    /// ```
    pub fn node(&self, id: NodeId) -> Option<Node<'_, T>> {
        (id.index() < self.len()).then_some(Node { tape: self, id })
    }
}

impl<'t, T: Element> Node<'t, T> {
    /// Its position on the tape.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The name of its operation; `leaf` and `constant` for what the user brought.
    pub fn op(self) -> &'t str {
        // SAFETY: the name lies in the operation, in the node's box (or it is a literal); both stay until reset.
        unsafe { lend(self.graph().name(self.id.index())) }
    }

    /// The name that [`named`](crate::Scalar::named) gave it.
    pub fn name(self) -> Option<&'t str> {
        // SAFETY: a name has a box of its own, which stays until reset, even if another name follows.
        self.graph().given_name(self.id.index()).map(|name| unsafe { lend(name) })
    }

    /// Its shape; a scalar has no axes.
    pub fn shape(self) -> &'t [usize] {
        // SAFETY: the shape lies in the node's box, unchanged until reset (or it is an empty literal).
        unsafe { lend(self.graph().view(Slot::node(self.id.0)).shape) }
    }

    /// The nodes it was made of, in the order of the operands; constants are left out.
    pub fn inputs(self) -> SmallVec<[NodeId; 4]> {
        let slots = self.graph().inputs(self.id.index());
        slots.iter().filter_map(|slot| slot.id()).map(|id| NodeId(id as u32)).collect()
    }

    /// The operands, constants included.
    pub fn operands(self) -> SmallVec<[Operand<T>; 4]> {
        let graph = self.graph();
        let operand = |slot: Slot| match slot.id() {
            Some(id) => Operand::Node(NodeId(id as u32)),
            None => Operand::Constant(graph.operand(slot)),
        };
        graph.inputs(self.id.index()).into_iter().map(operand).collect()
    }

    /// The line of the user's code that recorded it.
    pub fn location(self) -> &'static Location<'static> {
        self.graph().location(self.id.index())
    }

    /// Its numbers.
    pub fn value(self) -> ArrayD<T> {
        let graph = self.graph();
        let view = graph.view(Slot::node(self.id.0));
        owned(view.shape, view.data.to_vec())
    }

    /// How many multiplications with an addition its operation did, as summaries of models count them: see
    /// [`TensorOp::multiply_adds`](crate::TensorOp::multiply_adds). A leaf and a rule between scalars have none.
    ///
    /// ```
    /// use tape::{Convolution, Tape};
    /// let tape = Tape::<f32>::new();
    /// let x = tape.constant(([1, 3, 32, 32], vec![0.0; 3 * 32 * 32]));
    /// let w = tape.tensor(([16, 3, 3, 3], vec![0.0; 16 * 3 * 3 * 3]));
    /// let y = x.conv2d(w, None, Convolution::new().padding(1)).relu();
    /// let counts: Vec<u64> = tape.nodes().map(|node| node.multiply_adds()).collect();
    /// assert_eq!(counts, [0, 0, 16 * 32 * 32 * (3 * 3 * 3), 0]);
    /// ```
    pub fn multiply_adds(self) -> u64 {
        let graph = self.graph();
        let Some(node) = graph.tensor(self.id.index()) else { return 0 };
        let Some(operation) = &node.operation else { return 0 };
        graph.with_views(&node.inputs, |views| operation.multiply_adds(views, &node.shape))
    }

    /// If it holds a NaN or an infinity: the error that [`check_finite`](Tape::check_finite) would have made of it, with the
    /// nodes that led there.
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::<f64>::new();
    /// let x = tape.scalar(0.0).named("x");
    /// let y = 1.0 / x;
    /// let [x, y] = [x, y].map(|handle| tape.nodes().nth(handle.node_id().index()).unwrap());
    /// assert!(x.fault().is_none());
    /// assert!(y.fault().unwrap().to_string().starts_with("check_finite: div of 1 and 0 made inf (at "));
    /// ```
    pub fn fault(self) -> Option<Error> {
        self.graph().fault(self.id.index())
    }

    /// What is inside a node that does several steps at once, recorded on another tape: its operands, as leaves with
    /// their values and names, or constants where they are none of the user's variables; and the output. `None` where the
    /// operation is [one step](crate::TensorOp::in_parts).
    ///
    /// ```
    /// use ndarray::array;
    /// use tape::Tape;
    /// let tape = Tape::<f64>::new();
    /// let y = tape.tensor(array![1.0, 2.0]).named("x").softmax(0);
    /// let (inside, node) = (Tape::new(), tape.nodes().last().unwrap());
    /// let opened = node.open_on(&inside).unwrap();
    /// assert!((&opened.output.value() - &y.value()).iter().all(|gap| gap.abs() < 1e-15));
    /// assert_eq!(inside.nodes().next().unwrap().name(), Some("x"));
    /// ```
    pub fn open_on(self, tape: &Tape<T>) -> Option<Opened<'_, T>> {
        let graph = self.graph();
        let node = graph.tensor(self.id.index())?;
        let operation = node.operation.as_ref()?;
        let operand = |slot: &Slot| {
            let view = graph.view(*slot);
            let numbers = (view.shape, view.data.to_vec());
            let Some(id) = slot.id() else { return tape.constant(numbers) };
            let operand = Node { tape: self.tape, id: NodeId(id as u32) };
            let leaf = if operand.op() == "constant" { tape.constant(numbers) } else { tape.tensor(numbers) };
            operand.name().map_or(leaf, |name| leaf.named(name))
        };
        let inputs: Vec<_> = node.inputs.iter().map(operand).collect();
        let output = operation.in_parts(&inputs)?;
        Some(Opened { inputs, output })
    }

    fn graph(&self) -> Reading<'t, T> {
        self.tape.graph.borrow()
    }
}

impl<T: Element> fmt::Display for Tape<T> {
    /// One line a node, in the order of recording: id, operation, operands, value or shape, name, line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nodes().try_for_each(|node| writeln!(f, "{node}"))
    }
}

impl<T: Element> fmt::Debug for Tape<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape {} with {} nodes", self.stamp().tape, self.len())
    }
}

impl<T: Element> fmt::Display for Node<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operands: Vec<String> = self.operands().iter().map(ToString::to_string).collect();
        let call = format!("{} {}", self.op(), operands.join(", "));
        let shape = self.shape();
        let value = match shape {
            [] => self.graph().values[self.id.index()].to_string(),
            _ => format!("{shape:?}"),
        };
        let name = self.name().map_or(String::new(), |name| format!(" \"{name}\""));
        let at = self.location();
        let id = self.id.to_string();
        write!(f, "{id:>5} = {call:<24} {value:<22} {}:{}{name}", at.file(), at.line())
    }
}

impl<T: Element> fmt::Debug for Node<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<T: fmt::Display> fmt::Display for Operand<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "{id}"),
            Self::Constant(value) => write!(f, "{value}"),
        }
    }
}

/// The edges of a scalar.
pub(crate) fn scalar_edges<T: Element>(tape: &Tape<T>, id: NodeId, gradients: &Gradients<T>) -> Vec<Edge<T>> {
    let graph = tape.graph.borrow();
    let upstream = match gradients.by_id(id) {
        Some(Gradient::Scalar(value)) => value,
        _ => T::zero(),
    };
    let record = graph.records[id.index()];
    let edge = |position: usize, input: usize, element: Option<usize>, local: Option<T>| {
        let downstream = T::chain(local, upstream);
        Edge {
            input: NodeId(input as u32),
            position,
            element,
            local: local.unwrap_or_else(T::zero),
            upstream,
            downstream,
        }
    };
    match record.kind() {
        Kind::Leaf | Kind::Cut => Vec::new(),
        Kind::Rule(rule) => {
            let (a, b) = (graph.operand(record.a), graph.operand(record.b));
            let locals = rule.local(a, b, graph.values[id.index()]);
            let both = [(record.a, locals.0), (record.b, locals.1)];
            let both = both.into_iter().enumerate();
            both.filter_map(|(k, (slot, local))| Some(edge(k, slot.id()?, None, local))).collect()
        }
        Kind::Tensor => {
            // The local derivatives of a scalar are the gradient that an upstream of one sends back.
            let mut edges = Vec::new();
            for Sent { position, input, gradient } in sent_back(&graph, id, &[T::one()]) {
                let tensor = !graph.view(Slot::node(input.0)).shape.is_empty();
                let each = gradient.into_iter().enumerate();
                let each = each.map(|(k, local)| (tensor.then_some(k), Some(local)));
                edges.extend(each.map(|(k, local)| edge(position, input.index(), k, local)));
            }
            edges
        }
    }
}

/// The edges of a tensor.
pub(crate) fn tensor_edges<T: Element>(
    tape: &Tape<T>,
    id: NodeId,
    gradients: &Gradients<T>,
) -> Vec<TensorEdge<T>> {
    let graph = tape.graph.borrow();
    let Some(node) = graph.tensor(id.index()) else { return Vec::new() };
    let view = graph.view(Slot::node(id.0));
    let upstream = match gradients.by_id(id) {
        Some(Gradient::Tensor(view)) => view.to_owned(),
        Some(Gradient::Scalar(value)) => owned(&[], vec![value]),
        None => ArrayD::zeros(IxDyn(view.shape)),
    };
    let sent = sent_back(&graph, id, upstream.as_slice().unwrap_or_default());
    let mut of_one = if view.shape.is_empty() { sent_back(&graph, id, &[T::one()]) } else { Vec::new() };
    let edges = sent.into_iter().map(|Sent { position, input, gradient }| {
        let shape = graph.view(Slot::node(input.0)).shape;
        let operation = node.operation.as_ref();
        let local = operation.and_then(|operation| {
            graph.with_views(&node.inputs, |views| operation.local(position, views, view))
        });
        let local = local.map(|local| owned(view.shape, local)).or_else(|| {
            let one = of_one.iter_mut().find(|one| one.position == position)?;
            Some(owned(shape, std::mem::take(&mut one.gradient)))
        });
        TensorEdge { input, position, local, upstream: upstream.clone(), downstream: owned(shape, gradient) }
    });
    edges.collect()
}

/// What a tensor operation sent back to one of its operands.
struct Sent<T> {
    position: usize,
    input: NodeId,
    gradient: Vec<T>,
}

/// What a tensor operation sends back to each of its operands, one by one.
fn sent_back<T: Element>(graph: &Graph<T>, id: NodeId, upstream: &[T]) -> Vec<Sent<T>> {
    let Some(node) = graph.tensor(id.index()) else { return Vec::new() };
    let mut apart = Apart { sent: node.inputs.iter().map(|_| None).collect(), scratch: Vec::new() };
    node.vjp(graph, upstream, &mut apart);
    let sent = node.inputs.iter().zip(apart.sent).enumerate();
    let sent = sent.filter_map(|(position, (slot, gradient))| {
        Some(Sent { position, input: NodeId(slot.id()? as u32), gradient: gradient? })
    });
    sent.collect()
}

/// Collects the gradient of each operand by itself, where the sweep would add them up.
struct Apart<T> {
    sent: Vec<Option<Vec<T>>>,
    scratch: Vec<T>,
}

impl<T: Element> Sinks<T> for Apart<T> {
    fn downstream(&mut self, input: usize, len: usize) -> Option<Downstream<'_, T>> {
        let gradient = self.sent[input].insert(vec![T::zero(); len]);
        Some(Downstream { gradient, accumulate: false, scratch: &mut self.scratch })
    }
}

/// An array over numbers in row-major order.
fn owned<T: Element>(shape: &[usize], numbers: Vec<T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(shape), numbers).expect("as many numbers as the shape has elements")
}

//! Recording.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use smallbox::smallbox;

use super::data::IntoTensor;
use super::fill::{adopt, compute};
use super::lane::{Lane, Writing};
use super::memory::Memory;
use super::node::Graph;
use super::record::{Arg, Kind, Slot};
use super::store::Store;
use super::tensors::{Operands, TensorNode};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::id::NodeId;
use crate::operation::TensorOp;

/// A list of operations in the order in which they ran.
///
/// Expressions of [`Scalar`]s and [`Tensor`]s record themselves here; `backward()` walks the list from the end. A
/// tape is used from one thread; `reset` empties it and keeps its memory, and cannot be called while a handle lives:
///
/// ```compile_fail,E0502
/// let mut tape = tape::Tape::<f64>::new();
/// let x = tape.scalar(1.0);
/// tape.reset();              // x still looks at the tape
/// let y = x * 2.0;
/// ```
///
/// A handle does not leave its thread:
///
/// ```compile_fail,E0277
/// let tape = tape::Tape::<f64>::new();
/// let x = tape.scalar(1.0);
/// std::thread::scope(|s| { s.spawn(|| x.value()); });
/// ```
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::new();
/// let (x, y) = (tape.scalar(2.0), tape.scalar(3.0));
/// let z = x * y + 1.0 / x;
/// let grads = z.backward();
/// assert_eq!(z.value(), 6.5);
/// assert_eq!(grads[x], 2.75);
/// assert_eq!(grads[y], 2.0);
/// ```
pub struct Tape<T: Element = f64> {
    pub(crate) graph: Lane<T>,
    pub(crate) memory: RefCell<Memory<T>>,
    /// Where gradients leave their memory when they are dropped, on whatever thread.
    pub(crate) returned: Arc<Mutex<Vec<Store<T>>>>,
    stamp: Cell<Stamp>,
}

/// Which tape, and which of its lives between resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) tape: u64,
    pub(crate) resets: u64,
}

impl<T: Element> Default for Tape<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Element> Tape<T> {
    /// An empty tape.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty tape with room for so many nodes. For constants of expressions, such as the 2 of `x * 2.0`, room is made
    /// when they come.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::with_capacity(1_000);
    /// assert!(tape.is_empty());
    /// ```
    pub fn with_capacity(nodes: usize) -> Self {
        static TAPES: AtomicU64 = AtomicU64::new(1);
        Self {
            graph: Lane::new(Graph::with_capacity(nodes)),
            memory: RefCell::new(Memory::new()),
            returned: Arc::default(),
            stamp: Cell::new(Stamp { tape: TAPES.fetch_add(1, Ordering::Relaxed), resets: 0 }),
        }
    }

    /// How many nodes are recorded.
    pub fn len(&self) -> usize {
        self.graph.borrow().records.len()
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all nodes and keeps the memory for the next round, so that a loop of equal steps allocates nothing.
    ///
    /// ```
    /// let mut tape = tape::Tape::<f64>::new();
    /// for step in 0..3 {
    ///     let x = tape.scalar(f64::from(step));
    ///     assert_eq!((x * x).backward()[x], 2.0 * f64::from(step));
    ///     tape.reset();
    /// }
    /// assert!(tape.is_empty());
    /// ```
    pub fn reset(&mut self) {
        let graph = self.graph.get_mut();
        let memory = self.memory.get_mut();
        graph.tensors.clear(memory);
        graph.records.clear();
        graph.values.clear();
        graph.constants.clear();
        graph.names.clear();
        graph.far.clear();
        graph.passive = 0;
        memory.tick();
        let stamp = self.stamp.get();
        self.stamp.set(Stamp { resets: stamp.resets + 1, ..stamp });
    }

    /// Whether every value and every gradient is checked as it is made. The first NaN or infinity is then an error
    /// that names the operation, the line of the user's code that recorded it, shapes, the first bad index, the numbers
    /// that it was made of, and the nodes that led there from a leaf, or for a gradient from the output: see
    /// [`Error::path`].
    ///
    /// ```should_panic
    /// let tape = tape::Tape::<f64>::new();
    /// tape.check_finite(true);
    /// let x = tape.tensor(([3], vec![2.0, -800.0, 1.0])).named("x");
    /// x.softmax(0).ln();
    /// // check_finite: ln of [3] made -inf at index [1] (1 of 3 numbers is not finite), where the operand is 0 (at src/main.rs:5)
    /// //   %2 = ln %1          [3]  -inf … -0.3133, 1 of 3 not finite (-inf at [1])  src/main.rs:5
    /// //   └ %1 = softmax %0   [3]  0 … 0.7311 (0 at [1])                            src/main.rs:5
    /// //     └ %0 = leaf "x"   [3]  -800 … 2 (-800 at [1])                           src/main.rs:4
    /// ```
    pub fn check_finite(&self, on: bool) {
        self.graph.check(on);
    }

    /// A scalar leaf.
    ///
    /// ```
    /// let tape = tape::Tape::<f32>::new();
    /// assert_eq!(tape.scalar(2.0).value(), 2.0);
    /// ```
    #[track_caller]
    #[inline(always)]
    pub fn scalar(&self, value: T) -> Scalar<'_, T> {
        let id = self.push(Kind::Leaf, Arg::None, Arg::None, value);
        Scalar::new(self, id, value)
    }

    /// A tensor leaf: see [`IntoTensor`] for what can become one.
    ///
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let w = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(w.shape(), [2, 2]);
    /// ```
    ///
    /// # Panics
    /// As [`try_tensor`](Self::try_tensor) fails.
    #[track_caller]
    pub fn tensor<'a>(&self, data: impl IntoTensor<'a, T>) -> Tensor<'_, T>
    where
        T: 'a,
    {
        or_panic(self.try_tensor(data))
    }

    /// A tensor leaf.
    ///
    /// # Errors
    /// Shape and data disagree, or memory cannot be had.
    #[track_caller]
    pub fn try_tensor<'a>(&self, data: impl IntoTensor<'a, T>) -> Result<Tensor<'_, T>, Error>
    where
        T: 'a,
    {
        self.leaf("tensor", data, false)
    }

    /// Data: a tensor for which no gradient is computed, nor for anything that is made of such tensors only.
    ///
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.constant(array![0.5, -1.0]);
    /// let w = tape.tensor(array![1.0, 2.0]);
    /// let grads = (w * x).sum().backward();
    /// assert_eq!(grads.wrt(w), array![0.5, -1.0].into_dyn());
    /// assert!(grads.get(x).is_none());
    /// ```
    ///
    /// # Panics
    /// As [`try_constant`](Self::try_constant) fails.
    #[track_caller]
    pub fn constant<'a>(&self, data: impl IntoTensor<'a, T>) -> Tensor<'_, T>
    where
        T: 'a,
    {
        or_panic(self.try_constant(data))
    }

    /// Data: a tensor for which no gradient is computed.
    ///
    /// # Errors
    /// Shape and data disagree, or memory cannot be had.
    #[track_caller]
    pub fn try_constant<'a>(&self, data: impl IntoTensor<'a, T>) -> Result<Tensor<'_, T>, Error>
    where
        T: 'a,
    {
        self.leaf("constant", data, true)
    }

    /// The handle of a scalar node, from its id.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.scalar(2.0);
    /// assert_eq!(tape.scalar_by_id(x.node_id()).unwrap().value(), 2.0);
    /// ```
    pub fn scalar_by_id(&self, id: NodeId) -> Option<Scalar<'_, T>> {
        let graph = self.graph.borrow();
        let found = id.index() < graph.records.len() && graph.tensor(id.index()).is_none();
        found.then(|| Scalar::new(self, id.0, graph.values[id.index()]))
    }

    /// The handle of a tensor node, from its id.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2], vec![1.0, 2.0]));
    /// assert_eq!(tape.tensor_by_id(x.node_id()).unwrap().shape(), [2]);
    /// ```
    pub fn tensor_by_id(&self, id: NodeId) -> Option<Tensor<'_, T>> {
        let graph = self.graph.borrow();
        let found = id.index() < graph.records.len() && graph.tensor(id.index()).is_some();
        found.then_some(Tensor { tape: self, id: id.0 })
    }

    /// Records an operation of your own, or one of another crate, as one node: see [`TensorOp`].
    ///
    /// # Errors
    /// What the operation's `output_shape` objects to; operands of different tapes; memory that cannot be had.
    #[track_caller]
    pub fn apply<'t>(
        &'t self,
        operation: impl TensorOp<T> + 'static,
        inputs: &[Tensor<'t, T>],
    ) -> Result<Tensor<'t, T>, Error> {
        let here = Location::caller();
        for tensor in inputs {
            self.same_tape(tensor.tape, tensor.id)
                .map_err(|error| error.operation(operation.name().to_owned()).at(here))?;
        }
        let mut slots = Operands::new();
        inputs.iter().for_each(|tensor| slots.push(Slot::node(tensor.id)));
        Ok(Tensor { tape: self, id: self.record(operation, slots, false)? })
    }

    /// Adds a scalar node.
    #[track_caller]
    #[inline(always)]
    pub(crate) fn push(&self, kind: Kind, a: Arg<T>, b: Arg<T>, value: T) -> u32 {
        let here = Location::caller();
        if let Some(id) = self.graph.push(kind, a, b, value, here) {
            return id;
        }
        // In pieces, which fit into registers: the slow way is not to cost the fast one a store.
        let constant = a.constant().or(b.constant()).unwrap_or_else(T::zero);
        self.push_slowly(kind, a.slot(), b.slot(), constant, value, here)
    }

    #[cold]
    #[inline(never)]
    fn push_slowly(
        &self,
        kind: Kind,
        a: Slot,
        b: Slot,
        constant: T,
        value: T,
        here: &'static Location<'static>,
    ) -> u32 {
        let mut graph = self.graph.borrow_mut();
        let [a, b] = [a, b].map(|slot| if slot == Slot::GIVEN { graph.constant(constant) } else { slot });
        let id = graph.push(kind, a, b, value, here);
        graph.passive += usize::from(kind == Kind::Cut);
        drop(graph);
        if self.graph.checked()
            && let Some(error) = self.graph.borrow().fault(id as usize)
        {
            panic!("{error}");
        }
        id
    }

    /// Records a scalar through which nothing flows back.
    #[track_caller]
    pub(crate) fn push_cut(&self, id: u32, value: T) -> u32 {
        self.push_slowly(Kind::Cut, Slot::node(id), Slot::NONE, value, value, Location::caller())
    }

    /// The slot of an operand; a constant is kept.
    pub(crate) fn slot(&self, arg: Arg<T>) -> Slot {
        match arg {
            Arg::Constant(value) => self.graph.borrow_mut().constant(value),
            arg => arg.slot(),
        }
    }

    /// Records a tensor operation.
    #[track_caller]
    pub(crate) fn record<O: TensorOp<T> + 'static>(
        &self,
        operation: O,
        inputs: Operands,
        passive: bool,
    ) -> Result<u32, Error> {
        let here = Location::caller();
        let mut graph = self.graph.borrow_mut();
        let mut node = graph.tensors.place();
        (node.inputs, node.passive) = (inputs, passive);
        if let Err(error) = compute(&operation, &mut node, &graph, &mut self.memory.borrow_mut()) {
            let shapes = node.inputs.iter().map(|&slot| graph.view(slot).shape);
            return Err(error.operation(operation.name().to_owned()).shapes(shapes).at(here));
        }
        node.operation = Some(smallbox!(operation));
        self.add_tensor(graph, node, here)
    }

    /// Records a tensor that the user brings.
    #[track_caller]
    fn leaf<'a>(
        &self,
        name: &'static str,
        data: impl IntoTensor<'a, T>,
        passive: bool,
    ) -> Result<Tensor<'_, T>, Error>
    where
        T: 'a,
    {
        let here = Location::caller();
        let explain = |error: Error| error.operation(name).at(here);
        // The user's code that hands out the numbers may look at this tape: nothing is held while it runs.
        let mut node = self.graph.borrow_mut().tensors.place();
        node.passive = passive;
        let adopted = match data.into_tensor() {
            Ok(data) => adopt(data, &mut node, &self.memory),
            Err(error) => Err(error),
        };
        adopted.map_err(explain)?;
        Ok(Tensor { tape: self, id: self.add_tensor(self.graph.borrow_mut(), node, here)? })
    }

    /// Adds a tensor node. One without axes is a scalar too: its number stands among the scalars' values.
    fn add_tensor(
        &self,
        mut graph: Writing<'_, T>,
        mut node: Box<TensorNode<T>>,
        here: &'static Location<'static>,
    ) -> Result<u32, Error> {
        let value = if node.shape.is_empty() { graph.data(&node)[0] } else { T::zero() };
        let index = graph.next_tensor();
        let id = graph.push(Kind::Tensor, index, Slot::NONE, value, here);
        graph.passive += usize::from(node.passive);
        node.id = id;
        graph.tensors.push(node);
        drop(graph);
        let fault = if self.graph.checked() { self.graph.borrow().fault(id as usize) } else { None };
        fault.map_or(Ok(id), Err)
    }

    /// An operand must be of this tape.
    pub(crate) fn same_tape(&self, other: &Self, id: u32) -> Result<(), Error> {
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        let (this, that) = (self.stamp().tape, other.stamp().tape);
        let text = format!("operands of two tapes: tape {this}, and tape {that} with its node %{id}");
        Err(Error::new(ErrorKind::WrongTape, text))
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp.get()
    }
}

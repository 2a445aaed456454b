//! The public trait of structured tensor operations, and what it is handed in both passes.

use crate::element::Element;
use crate::error::Error;
use crate::handles::Tensor;
use crate::shape::Shape;

/// One operand, or the output, of a [`TensorOp`]: its shape and its numbers in row-major order.
#[derive(Clone, Copy, Debug)]
pub struct View<'a, T> {
    /// The extents; a scalar has none.
    pub shape: &'a [usize],
    /// The numbers.
    pub data: &'a [T],
}

/// An operation on whole tensors: one node in the graph, with a value and a vector-Jacobian product.
///
/// Built-in operations have no privilege over a user's own: [`Tape::apply`](crate::Tape::apply) records them all.
/// The operation is kept by the tape until it is reset, so that it holds what describes it (axes, a stride, an
/// exponent); tensors belong into the operands, and labels go there too, as a constant.
///
/// # Example
/// ```
/// use tape::{Element, Error, Forward, Shape, Tape, TensorOp, View, Vjp};
///
/// /// `y = x³`, elementwise.
/// struct Cube;
///
/// impl<T: Element> TensorOp<T> for Cube {
///     fn name(&self) -> &str {
///         "cube"
///     }
///     fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
///         Ok(inputs[0].shape.into())
///     }
///     fn forward(&self, pass: Forward<'_, T>) {
///         for (y, &x) in pass.output.iter_mut().zip(pass.inputs[0].data) {
///             *y = x * x * x;
///         }
///     }
///     fn vjp(&self, pass: &mut Vjp<'_, T>) {
///         let (x, upstream) = (pass.input(0).data, pass.upstream());
///         if let Some(downstream) = pass.downstream(0) {
///             downstream.add(|k| T::of(3.0) * x[k] * x[k] * upstream[k]);
///         }
///     }
/// }
///
/// let tape = Tape::<f64>::new();
/// let x = tape.tensor(([2], vec![1.0, 2.0]));
/// let y = tape.apply(Cube, &[x])?;
/// assert_eq!(y.sum().backward().wrt(x).as_slice(), Some(&[3.0, 12.0][..]));
/// # Ok::<(), Error>(())
/// ```
pub trait TensorOp<T: Element> {
    /// The name, as it stands in listings and errors.
    fn name(&self) -> &str;

    /// Checks the operands and gives the shape of the output.
    ///
    /// # Errors
    /// What is wrong with the operands: `Error::new(kind, text)` is enough; name, shapes and line are added.
    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error>;

    /// How many numbers the forward pass wants to keep for the backward pass.
    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        let _ = inputs;
        0
    }

    /// The output is the first operand's numbers under another shape: nothing is computed and nothing is copied.
    fn is_view(&self) -> bool {
        false
    }

    /// Computes the output. Every element of `pass.output` and `pass.saved` must be written: both start with the
    /// leavings of an earlier use.
    fn forward(&self, pass: Forward<'_, T>);

    /// Multiplies the upstream gradient by the local derivatives: `downstream = localᵀ · upstream`, for every
    /// operand whose [`downstream`](Vjp::downstream) is wanted.
    fn vjp(&self, pass: &mut Vjp<'_, T>);

    /// The same for operand `k` alone and in place: `gradient` comes as the upstream gradient and is left as the
    /// downstream one. An operation that can do this for that operand does it and says so; any other leaves the numbers
    /// as they are.
    ///
    /// It is asked for where `k` alone wants a gradient, of as many numbers as the output has, and nobody wants the
    /// upstream gradient any more: its memory then becomes the operand's. So it pays where element `k` of the one depends
    /// on element `k` of the other and on nothing else of it.
    fn vjp_in_place(&self, k: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        let _ = (k, recorded, gradient);
        false
    }

    /// The local derivative itself, for inspection, where it is one number for each number of the output: in an
    /// elementwise operation.
    fn local(&self, input: usize, inputs: &[View<'_, T>], output: View<'_, T>) -> Option<Vec<T>> {
        let _ = (input, inputs, output);
        None
    }

    /// How many multiplications with an addition the forward pass does, as summaries of models count them: those of
    /// products and convolutions. Elementwise work, sums, biases and normalisation count nothing.
    ///
    /// It is a matter of shapes alone: zeros of a padding and what a mask hides count like any other number. A
    /// floating-point operation count is twice this.
    fn multiply_adds(&self, inputs: &[View<'_, T>], output: &[usize]) -> u64 {
        let _ = (inputs, output);
        0
    }

    /// The same value, recorded step by step out of simpler operations: what is inside a node that does several of them at
    /// once. For those who look into it, in [`Node::open_on`](crate::Node::open_on); values and gradients are those of
    /// the one node but for rounding. `None` where nothing is inside.
    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let _ = inputs;
        None
    }
}

/// What a [`TensorOp`] works with in the forward pass.
#[derive(Debug)]
pub struct Forward<'a, T> {
    /// The operands.
    pub inputs: &'a [View<'a, T>],
    /// The extents of the output.
    pub shape: &'a [usize],
    /// To be written: the output.
    pub output: &'a mut [T],
    /// To be written: what the backward pass will want.
    pub saved: &'a mut [T],
    pub(crate) scratch: &'a mut Vec<T>,
}

impl<T: Element> Forward<'_, T> {
    /// Room for intermediate results, gone after the call. Its content is arbitrary.
    pub fn scratch(&mut self, len: usize) -> (&mut [T], &mut [T]) {
        (self.output, room(self.scratch, len))
    }

    /// The output, what is kept, and room for intermediate results of any content.
    pub(crate) fn parts(&mut self, len: usize) -> (&mut [T], &mut [T], &mut [T]) {
        (self.output, self.saved, room(self.scratch, len))
    }
}

/// What a [`TensorOp`] has left behind in the forward pass.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a, T> {
    /// The operands.
    pub inputs: &'a [View<'a, T>],
    /// The output.
    pub output: View<'a, T>,
    /// What the forward pass kept.
    pub saved: &'a [T],
}

/// What a [`TensorOp`] works with in the backward pass.
pub struct Vjp<'a, T> {
    pub(crate) recorded: Recorded<'a, T>,
    pub(crate) upstream: &'a [T],
    pub(crate) sinks: &'a mut dyn Sinks<T>,
}

/// Where downstream gradients go: the sweep's side of [`Vjp`].
pub(crate) trait Sinks<T> {
    fn downstream(&mut self, input: usize, len: usize) -> Option<Downstream<'_, T>>;
}

impl<'a, T: Element> Vjp<'a, T> {
    /// The operand at position `k`.
    pub fn input(&self, k: usize) -> View<'a, T> {
        self.recorded.inputs[k]
    }

    /// All operands.
    pub fn inputs(&self) -> &'a [View<'a, T>] {
        self.recorded.inputs
    }

    /// The output of the forward pass.
    pub fn output(&self) -> View<'a, T> {
        self.recorded.output
    }

    /// What the forward pass kept.
    pub fn saved(&self) -> &'a [T] {
        self.recorded.saved
    }

    /// The gradient of the final output with respect to this operation's output.
    pub fn upstream(&self) -> &'a [T] {
        self.upstream
    }

    /// The place for the gradient of operand `k`, or `None` where nobody wants it.
    pub fn downstream(&mut self, k: usize) -> Option<Downstream<'_, T>> {
        self.sinks.downstream(k, self.recorded.inputs[k].data.len())
    }
}

/// The gradient of one operand, on its way.
#[derive(Debug)]
pub struct Downstream<'a, T> {
    /// One number for each of the operand's.
    pub gradient: &'a mut [T],
    /// The gradient holds earlier contributions, to be added to; if not, its content is arbitrary and every
    /// element must be written.
    pub accumulate: bool,
    pub(crate) scratch: &'a mut Vec<T>,
}

impl<T: Element> Downstream<'_, T> {
    /// Contributes `f(k)` to element `k`, for all elements.
    #[inline]
    pub fn add(self, mut f: impl FnMut(usize) -> T) {
        if self.accumulate {
            self.gradient.iter_mut().enumerate().for_each(|(k, d)| *d = d.plus(f(k)));
        } else {
            self.gradient.iter_mut().enumerate().for_each(|(k, d)| *d = f(k));
        }
    }

    /// Room for intermediate results, beside the gradient. Its content is arbitrary at first; what one operand's gradient
    /// leaves there, the next one's finds, so that what they share is computed once.
    pub fn scratch(&mut self, len: usize) -> (&mut [T], &mut [T]) {
        (self.gradient, room(self.scratch, len))
    }
}

impl<'a, T: Element> Downstream<'a, T> {
    /// The gradient with zeros where nothing has arrived yet, for operations that reach only some elements.
    pub fn zeroed(self) -> &'a mut [T] {
        if !self.accumulate {
            self.gradient.fill(T::zero());
        }
        self.gradient
    }
}

fn room<T: Element>(scratch: &mut Vec<T>, len: usize) -> &mut [T] {
    if scratch.len() < len {
        scratch.resize(len, T::zero());
    }
    &mut scratch[..len]
}

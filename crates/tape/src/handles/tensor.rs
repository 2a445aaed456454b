//! The handle of a tensor.

use std::fmt;
use std::panic::Location;

use ndarray::ArrayViewD;
use smallvec::smallvec;

use super::scalar::Scalar;
use crate::element::{Element, Literal};
use crate::error::{Error, ErrorKind, or_panic};
use crate::graph::backward::{self, Keep};
use crate::graph::data::IntoTensor;
use crate::graph::elementwise::Elementwise;
use crate::graph::gradients::{Gradient, Gradients, Handle, viewed};
use crate::graph::inspect::{self, TensorEdge};
use crate::graph::memory::lend;
use crate::graph::record::{Arg, Slot};
use crate::graph::tape::Tape;
use crate::id::NodeId;
use crate::listing::Listed;
use crate::operation::{TensorOp, View};
use crate::rules::Rule;

/// A tensor whose history is on a tape: numbers in row-major order, and a shape.
///
/// ```
/// use ndarray::array;
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let w = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
/// let x = tape.constant(array![[0.5], [-1.0]]);
/// let loss = w.matmul(x).square().sum();
/// assert_eq!(loss.backward().wrt(w), array![[-1.5, 3.0], [-2.5, 5.0]].into_dyn());
/// ```
pub struct Tensor<'t, T: Element = f64> {
    pub(crate) tape: &'t Tape<T>,
    pub(crate) id: u32,
}

impl<T: Element> Clone for Tensor<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Element> Copy for Tensor<'_, T> {}

/// An operand of a tensor operation: a tensor, a scalar, or a number.
#[derive(Clone, Copy)]
pub struct TensorOperand<'t, T: Element> {
    tape: Option<&'t Tape<T>>,
    pub(super) arg: Arg<T>,
}

impl<'t, T: Element> From<Tensor<'t, T>> for TensorOperand<'t, T> {
    fn from(tensor: Tensor<'t, T>) -> Self {
        Self { tape: Some(tensor.tape), arg: Arg::Node(tensor.id) }
    }
}

impl<'t, T: Element> From<Scalar<'t, T>> for TensorOperand<'t, T> {
    fn from(scalar: Scalar<'t, T>) -> Self {
        Self { tape: scalar.tape, arg: scalar.arg() }
    }
}

impl<T: Element> From<T> for TensorOperand<'_, T> {
    fn from(number: T) -> Self {
        Self { tape: None, arg: Arg::Constant(number) }
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The extents along each axis.
    pub fn shape(self) -> &'t [usize] {
        let graph = self.tape.graph.borrow();
        // SAFETY: the shape lies in the node's box, which stays unchanged until the tape is reset; `'t` borrows it.
        unsafe { lend(graph.view(Slot::node(self.id)).shape) }
    }

    /// The values; nothing is copied. What was recorded stays as it is:
    ///
    /// ```compile_fail,E0596
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([1], vec![1.0]));
    /// let view = x.value();
    /// view[0] = 2.0;
    /// ```
    pub fn value(self) -> ArrayViewD<'t, T> {
        let graph = self.tape.graph.borrow();
        let View { data, .. } = graph.view(Slot::node(self.id));
        // SAFETY: a tensor's numbers lie in a buffer of its own, unchanged until the tape is reset; `'t` borrows it.
        viewed(self.shape(), unsafe { lend(data) })
    }

    /// The id of its node.
    pub fn node_id(self) -> NodeId {
        NodeId(self.id)
    }

    /// The tape it is recorded on.
    pub fn tape(self) -> &'t Tape<T> {
        self.tape
    }

    /// Gives the node a name, which shows in errors, listings and pictures.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.tape.graph.borrow_mut().names.entry(self.id).or_default().push(name.into());
        self
    }

    /// The gradients of `Σ seed · self`: a tensor output wants an upstream gradient of its shape.
    ///
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 2.0]);
    /// let grads = x.square().backward_with(array![1.0, 10.0]);
    /// assert_eq!(grads.wrt(x), array![2.0, 40.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_backward_with`](Self::try_backward_with) fails.
    #[track_caller]
    pub fn backward_with<'a>(self, seed: impl IntoTensor<'a, T>) -> Gradients<T>
    where
        T: 'a,
    {
        or_panic(self.try_backward_with(seed))
    }

    /// The gradients of `Σ seed · self`.
    ///
    /// # Errors
    /// The seed has another shape; or, with [`check_finite`](Tape::check_finite), a gradient is not finite.
    #[track_caller]
    pub fn try_backward_with<'a>(self, seed: impl IntoTensor<'a, T>) -> Result<Gradients<T>, Error>
    where
        T: 'a,
    {
        let here = Location::caller();
        let explain = |error: Error| error.operation("backward_with").at(here);
        let data = seed.into_tensor().map_err(explain)?;
        let (extents, numbers) = data.numbers().map_err(explain)?;
        if &extents[..] != self.shape() {
            let text = "the upstream gradient does not have the shape of the output";
            return Err(explain(Error::new(ErrorKind::Shape, text).shapes([self.shape(), &extents])));
        }
        backward::backward(self.tape, self.id, &numbers, Keep::All)
    }

    /// The scalar that a tensor without axes is: the same node.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(ndarray::arr0(3.0)).to_scalar();
    /// assert_eq!((x * x).backward()[x], 6.0);
    /// ```
    ///
    /// # Panics
    /// As [`try_to_scalar`](Self::try_to_scalar) fails.
    #[track_caller]
    pub fn to_scalar(self) -> Scalar<'t, T> {
        or_panic(self.try_to_scalar())
    }

    /// The scalar that a tensor without axes is.
    ///
    /// # Errors
    /// The tensor has axes.
    #[track_caller]
    pub fn try_to_scalar(self) -> Result<Scalar<'t, T>, Error> {
        if self.shape().is_empty() {
            let value = self.tape.graph.borrow().values[self.id as usize];
            return Ok(Scalar::new(self.tape, self.id, value));
        }
        let error = Error::new(ErrorKind::Shape, "a tensor with axes is no scalar: use get, or a reduction");
        Err(error.operation("to_scalar").shapes([self.shape()]).at(Location::caller()))
    }

    /// `xᶜ` for a constant exponent. See [`pow`](Self::pow).
    #[track_caller]
    #[must_use]
    pub fn powf(self, exponent: impl Literal<T>) -> Self {
        self.pow(exponent.literal())
    }

    /// Records an operation on this tensor alone. It must be on the list: tests walk that.
    #[track_caller]
    pub(crate) fn record(self, operation: impl Listed) -> Result<Self, Error> {
        Ok(Self {
            id: self.tape.record(operation.operation(), smallvec![Slot::node(self.id)], false)?,
            ..self
        })
    }

    /// The same with several tensors.
    #[track_caller]
    pub(crate) fn of_tensors(operation: impl Listed, operands: &[Self]) -> Result<Self, Error> {
        operands[0].tape.apply(operation.operation(), operands)
    }

    /// Records an operation whose output has no axes.
    #[track_caller]
    pub(crate) fn record_scalar(self, operation: impl Listed) -> Result<Scalar<'t, T>, Error> {
        self.record(operation)?.try_to_scalar()
    }

    /// Records a rule with one operand. Only memory can fail it.
    #[track_caller]
    fn unary(self, rule: Rule) -> Self {
        or_panic(Self::of_rule(rule, [self.into()], false))
    }

    /// Records a rule with two operands, of which one at least is a tensor.
    #[track_caller]
    pub(crate) fn binary(
        rule: Rule,
        a: TensorOperand<'t, T>,
        b: TensorOperand<'t, T>,
    ) -> Result<Self, Error> {
        Self::of_rule(rule, [a, b], false)
    }

    /// Records a rule, on operands of both lanes. Through a comparison, which is `passive`, nothing flows back.
    #[track_caller]
    pub(crate) fn of_rule(
        rule: Rule,
        operands: impl IntoIterator<Item = TensorOperand<'t, T>, IntoIter: Clone>,
        passive: bool,
    ) -> Result<Self, Error> {
        Self::of_operands(Elementwise(rule), operands, passive)
    }

    /// Records an operation on operands of both lanes. It must be on the list: tests walk that.
    #[track_caller]
    pub(crate) fn of_parts(
        operation: impl Listed,
        parts: impl IntoIterator<Item = TensorOperand<'t, T>, IntoIter: Clone>,
        passive: bool,
    ) -> Result<Self, Error> {
        Self::of_operands(operation.operation(), parts, passive)
    }

    #[track_caller]
    fn of_operands(
        operation: impl TensorOp<T> + 'static,
        parts: impl IntoIterator<Item = TensorOperand<'t, T>, IntoIter: Clone>,
        passive: bool,
    ) -> Result<Self, Error> {
        let here = Location::caller();
        let parts = parts.into_iter();
        let explain = |error: Error| error.operation(operation.name().to_owned()).at(here);
        let no_tape =
            || explain(Error::new(ErrorKind::Value, "all operands are constants: there is no tape"));
        let tape = parts.clone().find_map(|part| part.tape).ok_or_else(no_tape)?;
        for part in parts.clone() {
            if let (Some(other), Arg::Node(id)) = (part.tape, part.arg) {
                tape.same_tape(other, id).map_err(explain)?;
            }
        }
        let slots = parts.map(|part| tape.slot(part.arg)).collect();
        Ok(Self { tape, id: tape.record(operation, slots, passive)? })
    }
}

impl<T: Element> Handle<T> for Tensor<'_, T> {
    type Gradient<'g>
        = ArrayViewD<'g, T>
    where
        T: 'g;
    type Edge = TensorEdge<T>;

    fn position(&self) -> Option<(&Tape<T>, NodeId)> {
        Some((self.tape, NodeId(self.id)))
    }

    fn gradient<'g>(self, gradients: &'g Gradients<T>, found: Option<Gradient<'g, T>>) -> ArrayViewD<'g, T> {
        match found {
            Some(Gradient::Tensor(view)) => view,
            Some(Gradient::Scalar(_)) => {
                viewed(&[], gradients.slice_by_id(NodeId(self.id)).expect("it has just been found"))
            }
            None => gradients.zeros(self.shape()),
        }
    }

    fn edges(self, gradients: &Gradients<T>) -> Vec<TensorEdge<T>> {
        inspect::tensor_edges(self.tape, NodeId(self.id), gradients)
    }
}

impl<T: Element> fmt::Display for Tensor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T: Element> fmt::Debug for Tensor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor {} {:?}", NodeId(self.id), self.shape())
    }
}

/// One method for each rule that has one, with the rule's own documentation.
macro_rules! tensor_methods {
    ([$(
        $(#[$doc:meta])*
        $kind:ident $Name:ident $name:ident $($try_name:ident)? ($a:ident $(, $b:ident)?) -> $y:ident { $($body:tt)* }
    )*]) => {
        /// Elementwise operations, with broadcasting as in `NumPy`.
        impl<'t, T: Element> Tensor<'t, T> {
            $(tensor_methods! { @$kind $(#[$doc])* $Name $name $($try_name)? $($b)? })*
        }
    };
    (@unary $(#[$doc:meta])* $Name:ident $name:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        #[allow(clippy::should_implement_trait, reason = "`neg` is there as an operator too")]
        pub fn $name(self) -> Self {
            self.unary(Rule::$Name)
        }
    };
    (@parameter $(#[$doc:meta])* $Name:ident $name:ident $b:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name(self, $b: impl Literal<T>) -> Self {
            or_panic(Self::binary(Rule::$Name, self.into(), $b.literal().into()))
        }
    };
    (@integer $(#[$doc:meta])* $Name:ident $name:ident $b:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name(self, $b: i32) -> Self {
            let exponent: T = or_panic($crate::rules::integer($b));
            or_panic(Self::binary(Rule::$Name, self.into(), exponent.into()))
        }
    };
    (@binary $(#[$doc:meta])* $Name:ident $name:ident $try_name:ident $b:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name(self, $b: impl Into<TensorOperand<'t, T>>) -> Self {
            or_panic(self.$try_name($b))
        }
        tensor_methods! { @operator $Name $name $try_name $b }
    };
    (@operator $(#[$doc:meta])* $Name:ident $name:ident $try_name:ident $b:ident) => {
        #[doc = concat!("The twin of `", stringify!($name), "` that returns its error.")]
        ///
        /// # Errors
        /// The shapes cannot be broadcast, the operands belong to two tapes, or memory cannot be had.
        #[track_caller]
        pub fn $try_name(self, $b: impl Into<TensorOperand<'t, T>>) -> Result<Self, Error> {
            Self::binary(Rule::$Name, self.into(), $b.into())
        }
    };
    (@$without_method:ident $($rest:tt)*) => {};
}

for_each_rule!(tensor_methods);

//! The engine of chainrule: reverse-mode automatic differentiation of scalars and tensors.
//!
//! A [`Tape`] is a list of operations in the order in which they ran. Its order is a topological order, so that the
//! reverse sweep is one loop from the last node to the first. Every operation is written once, as a value and a
//! local derivative; the sweep multiplies `local × upstream`, adds the product to `downstream`, and knows no
//! operation by name.
//!
//! ```
//! use ndarray::array;
//! use tape::Tape;
//!
//! let tape = Tape::<f64>::new();
//! let w = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);   // a leaf
//! let x = tape.constant(array![[0.5], [-1.0]]);          // data: no gradient is computed for it
//! let k = tape.scalar(0.1);
//! let loss = (w.matmul(x) * k).tanh().square().mean();
//! let grads = loss.backward();                           // an answer of its own; the tape is unchanged
//! assert_eq!(grads.wrt(w).shape(), [2, 2]);
//! assert!(grads[k] > 0.0);
//! ```
//!
//! | to | use |
//! |---|---|
//! | write expressions | [`Scalar`], [`Tensor`] |
//! | read gradients | [`Gradients`] |
//! | look at the graph | [`Tape::nodes`], [`Gradients::edges`], `Display` of a tape |
//! | find where a NaN came from | [`Tape::check_finite`], [`Node::fault`], [`Error::path`] |
//! | add an operation of your own | [`TensorOp`], [`Tape::apply`] |
//! | have derivatives as functions | [`grad`], [`jacobian`], [`jvp`], [`vjp`], [`hvp`], [`hessian`] |
//! | check gradients in tests | [`check_gradients`], [`check_second_order`], [`Check`] |
//! | go forward, or to higher orders | [`Dual`], `Tape<Dual>` |
//! | record another type of number | [`Element`] |

pub mod element;
pub mod error;
#[macro_use]
pub mod rules;
#[macro_use]
mod numbers;
mod check;
mod dual;
mod graph;
mod handles;
mod id;
mod kernels;
pub mod listing;
pub mod operation;
mod ops;
mod path;
pub mod shape;
pub mod slices;
mod transforms;

pub use check::{Check, Entry, Place, Report, check_gradients, check_second_order};
pub use dual::Dual;
pub use element::{Element, Literal, Matrix};
pub use error::{Error, ErrorKind};
pub use graph::data::{IntoTensor, TensorData};
pub use graph::gradients::{Gradient, Gradients, Handle};
pub use graph::inspect::{Edge, Node, Opened, Operand, TensorEdge};
pub use graph::tape::Tape;
pub use handles::{IntoScalar, Scalar, Tensor, TensorOperand};
pub use id::NodeId;
pub use kernels::threads::{set_threads, single_threaded, threads};
pub use kernels::widest::{Loop, widest};
pub use operation::{Downstream, Forward, Recorded, TensorOp, View, Vjp};
pub use ops::{
    AttentionMask, AttentionOptions, Convolution, PerAxis, Pool, RunningStatistics, Span, walk_operations,
};
pub use path::{Path, Step};
pub use rules::{Arity, Rule};
pub use shape::Shape;
pub use transforms::{grad, gradient, hessian, hvp, jacobian, jvp, try_hvp, try_jvp, try_vjp, vjp};

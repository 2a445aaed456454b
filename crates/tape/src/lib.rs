//! The engine of chainrule.

pub mod element;
pub mod error;
#[macro_use]
pub mod rules;
mod graph;
mod handles;
mod kernels;
pub mod operation;
mod ops;
pub mod shape;

pub use element::{Element, Matrix};
pub use error::{Error, ErrorKind};
pub use graph::data::{IntoTensor, TensorData};
pub use graph::gradients::{Gradient, Gradients, Handle};
pub use graph::inspect::{Edge, Node, Operand, TensorEdge};
pub use graph::node::NodeId;
pub use graph::tape::Tape;
pub use handles::{IntoScalar, Scalar, Tensor, TensorOperand};
pub use operation::{Downstream, Forward, TensorOp, View, Vjp};
pub use ops::Span;
pub use rules::Rule;
pub use shape::Shape;

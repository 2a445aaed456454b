//! The engine of chainrule.
pub mod element;
pub mod error;
mod kernels;
#[macro_use]
pub mod rules;
pub mod shape;
pub use element::{Element, Matrix};
pub use error::{Error, ErrorKind};
pub use rules::Rule;
pub use shape::Shape;

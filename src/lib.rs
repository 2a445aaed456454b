//! Reverse-mode automatic differentiation of scalars and tensors, and a neural-network layer on top of it.
//!
//! A [`Tape`](prelude::Tape) records expressions as they are computed; `backward()` walks the record from the end and
//! gives the derivative of the result with respect to every number on the way.
//!
//! ```
//! use chainrule::prelude::*;
//!
//! let tape = Tape::new();
//! let x = tape.scalar(2.0);
//! let y = tape.scalar(3.0);
//! let z = x * y + x.sin();
//! let grads = z.backward();
//! assert_eq!(grads[x], 3.0 + 2f64.cos());
//! assert_eq!(grads[y], 2.0);
//! ```
//!
//! This package is the facade over two libraries: [`tape`] is the engine, [`nn`] has layers, losses, optimisers and
//! data. The [`prelude`] is what most programs need of both. `examples/` introduces one idea in each file; how it is
//! built, and why, is in `docs/DESIGN.md`.

#[cfg(feature = "draw")]
pub use draw;
pub use tape::{
    check_gradients, check_second_order, grad, gradient, hessian, hvp, jacobian, jvp, set_threads, threads,
    vjp,
};
pub use {nn, tape};

/// What most programs need: `use chainrule::prelude::*;`.
///
/// The engine's tape, its handles and their answer; and from `nn` parameters, layers, losses, optimisers and data sets.
/// What an operation of one's own is made of ([`Element`](tape::Element), [`View`](tape::View),
/// [`Forward`](tape::Forward), [`Vjp`](tape::Vjp), [`Shape`](tape::Shape)) is imported from [`tape`] by name.
pub mod prelude {
    pub use nn::prelude::*;
    pub use tape::{
        AttentionMask, AttentionOptions, Convolution, Dual, Error, Gradients, Pool, Rule, RunningStatistics,
        Scalar, Span, Tape, Tensor, TensorOp,
    };
}

/// The code of the README, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

#[cfg(all(doctest, feature = "draw"))]
mod guide;

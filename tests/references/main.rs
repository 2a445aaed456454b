//! What other libraries and exact arithmetic give, read from `tests/fixtures`. One program for all: each that is linked
//! compiles the engine's kernels anew.
#![allow(missing_docs)]

mod common;
mod expressions;
mod hessian;
mod layers;
mod losses;
mod ops;
mod optimisers;
mod schedules;
mod tensor_ops;
mod training;

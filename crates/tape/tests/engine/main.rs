//! The engine from outside. One program for all of it: each that is linked compiles the kernels anew.
#![allow(missing_docs)]

mod check;
mod einsum;
mod in_place;
mod linear_algebra;
mod multiply_adds;
mod normalisation;
mod not_finite;
mod orders;
mod places;
mod windows;

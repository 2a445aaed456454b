//! The crate from outside. One program for all of it: each that is linked compiles the kernels anew. What watches the
//! allocator or the panic hook is a program of its own.
#![allow(missing_docs)]

mod atomic_writes;
mod checkpoints;
mod clipping;
mod common;
mod composite;
mod elementwise_losses;
mod layer_faults;
mod layers;
mod listed;
mod metrics;
mod not_finite;
mod optimizers;
mod orders;
mod params;
mod passes;
mod pytorch;
mod resume;
mod summary;
mod trainer;

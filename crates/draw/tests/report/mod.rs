//! The report of a training.

mod classes;
mod faults;
mod numbers;
mod page;
mod resumed;
mod trust;

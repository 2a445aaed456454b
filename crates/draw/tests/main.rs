//! The pictures as their readers see them.

mod common;
mod page;
mod tensorboard;
//! The pictures, looked at from outside.
mod record;
mod report;

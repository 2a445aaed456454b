//! The pictures, looked at from outside.

mod common;
mod page;
mod record;
mod report;
mod svg;
mod tensorboard;

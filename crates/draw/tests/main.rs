//! The pictures as their readers see them.

mod common;
mod page;
mod record;
mod report;
mod tensorboard;

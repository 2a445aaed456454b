//! The pictures, looked at from outside.

mod tensorboard;

//! The pictures, looked at from outside.

mod record;
mod svg;

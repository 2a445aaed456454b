//! The pictures, looked at from outside.

mod record;
mod report;
mod svg;

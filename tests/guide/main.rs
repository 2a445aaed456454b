//! The guide: its pages lead somewhere, and its pictures are what the library draws now.
//!
//! `GUIDE=write cargo test --test guide` draws the pictures anew. The code of the pages runs with the tests of the
//! documentation (`src/guide.rs`), what they say of the program with the tests of the program.
#![allow(missing_docs)]

mod curves;
mod examples;
mod graphs;
mod pages;
mod pictures;
mod plot;

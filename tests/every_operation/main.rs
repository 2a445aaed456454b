//! Every operation on the list, by tests that know none of them by name.
//!
//! `walk` takes a check to each sample of each structured operation, and to each elementwise rule; `report` collects what
//! is wrong and sees to it that no operation was left out. A file each for what is checked.

mod broken;
mod case;
mod differences;
mod draw;
mod extents;
mod memory;
mod numeric;
mod orders;
mod parts;
mod precision;
mod report;
mod specials;
mod sums;
mod table;
mod twofold;
mod upstream;
mod walk;
mod wanted;

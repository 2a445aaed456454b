//! The graph: records, the memory behind them, the sweep over them, and the answer.

pub(crate) mod backward;
mod cotangents;
pub(crate) mod data;
pub(crate) mod elementwise;
mod fault;
mod fill;
pub(crate) mod forward;
pub(crate) mod gradients;
pub(crate) mod inspect;
mod lane;
mod location;
pub(crate) mod memory;
pub(crate) mod node;
pub(crate) mod record;
pub(crate) mod store;
pub(crate) mod tape;
pub(crate) mod tensors;
mod through;
mod turns;

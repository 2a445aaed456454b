//! The workloads of `benches/` on other engines. The programs in `bin/` each serve some tools: they announce what they
//! can time, then time what they are asked for; `run` asks them in turn, so that a noisy minute hits all alike.

#[path = "../../allocated/mod.rs"]
pub mod allocated;
#[path = "../../networks/mod.rs"]
pub mod networks;
#[path = "../../workloads/mod.rs"]
pub mod workloads;

pub mod elementwise;
pub mod layers;
pub mod memory;
pub mod plain_tape;
pub mod serve;
pub mod steps;
pub mod tapes;
pub mod timing;

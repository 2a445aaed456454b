//! The tapes of scalars, each with the same workloads: what is timed records the inputs and the function, goes back, and
//! leaves the gradient of all inputs in a vector or slice.

#[cfg(feature = "echidna")]
mod echidna;
mod folded;
mod ours;
mod plain;
#[cfg(feature = "reverse")]
mod reverse;
#[cfg(feature = "rustquant")]
mod rustquant;

use std::rc::Rc;

use crate::serve::Offer;
use crate::workloads::Workload;

/// What every tool of this process offers on one workload.
pub fn offers(workload: &Rc<Workload>) -> Vec<Offer> {
    let offer = |tool, package, prepare: fn(Rc<Workload>) -> crate::serve::Work| {
        let workload = Rc::clone(workload);
        Offer::new(tool, package, workload.name, move || prepare(workload))
    };
    vec![
        offer("function alone", "", ours::primal),
        offer("by hand", "", ours::by_hand),
        offer("chainrule", "chainrule", ours::chainrule),
        offer("chainrule, recording", "chainrule", ours::record),
        offer("chainrule, sweep", "chainrule", ours::reverse),
        offer("plain tape", "", plain::prepare),
        #[cfg(feature = "reverse")]
        offer("reverse", "reverse", reverse::prepare),
        #[cfg(feature = "rustquant")]
        offer("RustQuant_autodiff", "RustQuant_autodiff", rustquant::prepare),
        #[cfg(feature = "echidna")]
        offer("echidna", "echidna", echidna::prepare),
    ]
}

pub use ours::bytes;

//! Serves W1 to W5 on tapes of scalars.

use std::rc::Rc;

use chainrule_peers::serve::{argument, say, serve};
use chainrule_peers::tapes::{bytes, offers};
use chainrule_peers::workloads::Workload;

#[global_allocator]
static ALLOCATOR: chainrule_peers::allocated::Counting = chainrule_peers::allocated::Counting;

fn main() {
    let workloads = Workload::all().map(Rc::new);
    if argument("--bytes").is_some() {
        for workload in &workloads {
            let measured = bytes(workload);
            say(&format!(
                r#"{{"bytes": true, "workload": "{}", "operations": {}, "nodes": {}, "recorded": {}, "reversed": {}}}"#,
                workload.name, workload.operations, measured.nodes, measured.recorded, measured.reversed
            ));
        }
        return;
    }
    serve(workloads.iter().flat_map(offers).collect(), 1);
}

//! Serves W1 to W5 on tapes of scalars.

use std::rc::Rc;

use chainrule_peers::serve::{argument, say, serve};
use chainrule_peers::tapes::{bytes_per_operation, offers};
use chainrule_peers::workloads::Workload;

#[global_allocator]
static ALLOCATOR: chainrule_peers::allocated::Counting = chainrule_peers::allocated::Counting;

fn main() {
    let workloads = Workload::all().map(Rc::new);
    if argument("--bytes").is_some() {
        for workload in &workloads {
            let (recorded, reversed) = bytes_per_operation(workload);
            let Workload { name, operations, .. } = &**workload;
            say(&format!(
                r#"{{"bytes": true, "workload": "{name}", "operations": {operations}, "recorded": {recorded:.1}, "reversed": {reversed:.1}}}"#
            ));
        }
        return;
    }
    serve(workloads.iter().flat_map(offers).collect(), 1);
}

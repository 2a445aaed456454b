//! Serves N1 to N5 on chainrule, by hand and as bare products, elementwise operations and layers; writes the networks to files
//! for tools in other languages; measures memory.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use chainrule_peers::networks::by_hand::{ByHand, Hidden};
use chainrule_peers::networks::floor::Floor;
use chainrule_peers::networks::on_tape::{OnTape, set_threads};
use chainrule_peers::networks::{Network, RATE};
use chainrule_peers::serve::{Offer, argument, say, serve, threads, work};
use chainrule_peers::steps::{Steps, networks, offers};
use chainrule_peers::{elementwise, layers, memory};

struct Chainrule(OnTape<'static>);

impl Steps for Chainrule {
    fn new(network: &'static Network, rate: f32) -> Self {
        Self(OnTape::new(network, rate))
    }
    fn step(&mut self) -> Option<f32> {
        Some(self.0.step())
    }
    fn infer(&mut self) {
        black_box(self.0.infer());
    }
    fn params(&self) -> Vec<Vec<f32>> {
        self.0.params()
    }
}

fn main() {
    set_threads(threads());
    if let Some(folder) = argument("--write") {
        write(Path::new(&folder)).expect("the folder can be written to");
        return;
    }
    if let Some(name) = argument("--memory") {
        measure_memory(&name);
        return;
    }
    let networks = networks();
    let mut all = offers::<Chainrule>("chainrule", "chainrule", &networks);
    for network in networks {
        all.push(Offer::new("products alone", "", network.name, move || {
            let mut floor = Floor::new(network);
            Box::new(move || floor.step())
        }));
        if matches!(network.name, "N1" | "N2" | "N3") {
            all.push(Offer::new("by hand, plain loops", "", network.name, move || {
                let mut by_hand: ByHand = network.by_hand();
                work(move || by_hand.step(RATE))
            }));
        }
        if network.name == "N3" {
            all.push(Offer::new("products alone", "", "N3 inference", move || {
                let mut floor = Floor::new(network);
                Box::new(move || floor.forward())
            }));
        }
    }
    all.extend(elementwise::offers());
    all.extend(layers::offers());
    serve(all, threads());
}

/// Peak resident memory of three steps, over what is there once data and parameters are built.
fn measure_memory(name: &str) {
    let network = Network::named(name);
    let mut steps = OnTape::new(&network, RATE);
    memory::reset();
    let Some(before) = memory::resident() else {
        return;
    };
    for _ in 0..3 {
        black_box(steps.step());
    }
    let Some(after) = memory::resident() else {
        return;
    };
    say(&format!(
        r#"{{"memory": true, "tool": "chainrule", "workload": "{name}", "before": {}, "peak": {}}}"#,
        before.now, after.peak
    ));
}

/// `NAME.start.npy`, `.x.npy`, `.labels.npy`, and the parameters after one step at a rate of 1 as `.after.npy`; parameters
/// are flat, weight `[inputs, outputs]` and bias of each layer in turn. `networks.json` says the rest.
fn write(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut entries = Vec::new();
    for network in networks() {
        let Network { name, widths, batch, .. } = network;
        let npy = |part: &str, numbers: &[f32]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
            fs::write(folder.join(format!("{name}.{part}.npy")), in_npy("<f4", numbers.len(), &bytes))
        };
        let (loss, after) = network.reference();
        npy("start", &network.params.concat())?;
        npy("after", &after.concat())?;
        npy("x", &network.x)?;
        let labels: Vec<u8> = network.labels.iter().flat_map(|&l| (l as i64).to_le_bytes()).collect();
        fs::write(folder.join(format!("{name}.labels.npy")), in_npy("<i8", network.labels.len(), &labels))?;
        let hidden = if network.hidden == Hidden::Relu { "relu" } else { "sigmoid" };
        entries.push(format!(
            r#""{name}": {{"widths": {widths:?}, "batch": {batch}, "hidden": "{hidden}", "loss": {loss}, "rate": {RATE}}}"#
        ));
    }
    fs::write(folder.join("networks.json"), format!("{{{}}}\n", entries.join(",\n ")))
}

/// A file of NumPy's format, version 1: one axis.
fn in_npy(kind: &str, len: usize, bytes: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({len},), }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

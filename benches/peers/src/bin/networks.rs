//! Serves N1 to N6 on chainrule, by hand and as bare products, elementwise operations and layers; writes the networks to files
//! for tools in other languages; measures memory.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use chainrule_peers::networks::by_hand::{ByHand, Hidden};
use chainrule_peers::networks::convolutional::{BATCH, N6, OnTape as OnTapeImages, SHAPES, SIDE};
use chainrule_peers::networks::floor::Floor;
use chainrule_peers::networks::on_tape::{OnTape, set_threads};
use chainrule_peers::networks::{Network, RATE};
use chainrule_peers::serve::{Offer, argument, say, serve, threads, work};
use chainrule_peers::steps::{ConvolutionalSteps, Steps, convolutional, networks, offers};
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

struct ChainruleImages(OnTapeImages<'static>);

impl ConvolutionalSteps for ChainruleImages {
    fn new(network: &'static N6, rate: f32) -> Self {
        Self(OnTapeImages::new(network, rate))
    }
    fn step(&mut self) -> Option<f32> {
        Some(self.0.step())
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
    all.push(convolutional::<ChainruleImages>("chainrule", "chainrule"));
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

/// A network as the tools of other languages read it.
struct Written<'n> {
    name: &'n str,
    /// Of the batch, and of the parameters: weight and bias of each layer in turn.
    x: (Vec<usize>, &'n [f32]),
    shapes: Vec<Vec<usize>>,
    start: &'n [Vec<f32>],
    labels: &'n [usize],
    hidden: Hidden,
    /// The loss, and the parameters after one step at a rate of 1.
    reference: (f32, Vec<Vec<f32>>),
}

/// `NAME.start.npy`, `.x.npy`, `.labels.npy`, and the parameters after one step at a rate of 1 as `.after.npy`, all flat.
/// `networks.json` says the rest.
fn write(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let of_layers = |network: &'static Network| Written {
        name: network.name,
        x: (vec![network.batch, network.widths[0]], &network.x),
        shapes: network.widths.windows(2).flat_map(|w| [w.to_vec(), w[1..].to_vec()]).collect(),
        start: &network.params,
        labels: &network.labels,
        hidden: network.hidden,
        reference: network.reference(),
    };
    let mut all = Vec::from(networks().map(of_layers));
    let images = N6::default();
    let (loss, gradients) = images.by_hand();
    let moved = |(p, g): (&Vec<f32>, &Vec<f32>)| p.iter().zip(g).map(|(p, g)| p - g).collect();
    all.push(Written {
        name: "N6",
        x: (vec![BATCH, 1, SIDE, SIDE], &images.x),
        shapes: SHAPES.map(<[_]>::to_vec).into(),
        start: &images.params,
        labels: &images.labels,
        hidden: Hidden::Relu,
        reference: (loss, images.params.iter().zip(&gradients).map(moved).collect()),
    });
    let entries: std::io::Result<Vec<_>> = all.iter().map(|network| write_one(folder, network)).collect();
    fs::write(folder.join("networks.json"), format!("{{{}}}\n", entries?.join(",\n ")))
}

/// The files of one network; its entry in `networks.json`.
fn write_one(folder: &Path, network: &Written<'_>) -> std::io::Result<String> {
    let Written { name, x: (batch, x), shapes, start, labels, hidden, reference: (loss, after) } = network;
    let npy = |part: &str, numbers: &[f32]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        fs::write(folder.join(format!("{name}.{part}.npy")), in_npy("<f4", numbers.len(), &bytes))
    };
    npy("start", &start.concat())?;
    npy("after", &after.concat())?;
    npy("x", x)?;
    let bytes: Vec<u8> = labels.iter().flat_map(|&l| (l as i64).to_le_bytes()).collect();
    fs::write(folder.join(format!("{name}.labels.npy")), in_npy("<i8", labels.len(), &bytes))?;
    let hidden = if *hidden == Hidden::Relu { "relu" } else { "sigmoid" };
    Ok(format!(
        r#""{name}": {{"x": {batch:?}, "shapes": {shapes:?}, "hidden": "{hidden}", "loss": {loss}, "rate": {RATE}}}"#
    ))
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

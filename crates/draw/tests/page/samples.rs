//! Graphs to look at.

use std::fs;
use std::path::PathBuf;

use draw::Graph;
use nn::{Activation, Cnn, Losses, Mlp, Params, Trace};
use tape::{Scalar, Tape};

use crate::common::browser::{Page, pictures};

/// `x · y + sin x`, which uses `x` twice.
pub(crate) fn textbook() -> Graph {
    let tape = Tape::<f64>::new();
    let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    let z = ((x * y).named("u") + x.sin()).named("z");
    Graph::builder(&tape).gradients(&z.backward()).title("x · y + sin x").build().unwrap()
}

/// One number that goes into four operations.
pub(crate) fn often_used() -> Graph {
    let tape = Tape::<f64>::new();
    let x = tape.scalar(0.5).named("x");
    let z = (x.sin() + x.cos() + x.exp() + x.square()).named("z");
    Graph::of(&tape, &z.backward()).unwrap()
}

/// The network of the textbooks: two inputs, two hidden layers, two classes.
pub(crate) fn network() -> Graph {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 2, 2], Activation::Tanh);
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace);
    let x = tape.constant(([1, 2], vec![0.5, -1.0])).named("x");
    let loss = net.run(&model, x).named("logits").softmax_cross_entropy(&[1]).named("loss");
    let gradients = loss.backward();
    let builder = Graph::builder(&tape).gradients(&gradients).layers(&trace);
    builder.title("A network (2, 3, 2, 2)").build().unwrap()
}

/// The same network, every number a node.
pub(crate) fn scalar_network() -> Graph {
    let tape = Tape::<f64>::new();
    let mut next = 0.0_f64;
    let mut leaf = |name: String| {
        next += 1.0;
        tape.scalar((next * 1.7).sin()).named(&name)
    };
    let mut layer: Vec<Scalar<f64>> = (1..=2).map(|i| leaf(format!("x{i}"))).collect();
    for (l, width) in [3, 2, 2].into_iter().enumerate() {
        let units = (1..=width).map(|j| {
            let sum = layer
                .iter()
                .enumerate()
                .fold(leaf(format!("b{l}_{j}")), |sum, (i, &x)| sum + leaf(format!("w{l}_{j}{}", i + 1)) * x);
            sum.tanh().named(&format!("h{l}_{j}"))
        });
        layer = units.collect();
    }
    let loss = (layer[0] - layer[1]).square().named("loss");
    Graph::builder(&tape).gradients(&loss.backward()).title("Number by number").build().unwrap()
}

/// A network for handwritten digits.
pub(crate) fn digits() -> Graph {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace);
    let pixels: Vec<f32> = (0..32 * 64).map(|k| (k % 17) as f32 / 16.0).collect();
    let labels: Vec<usize> = (0..32).map(|k| k % 10).collect();
    let loss = net.run(&model, tape.constant(([32, 64], pixels))).softmax_cross_entropy(&labels);
    Graph::builder(&tape).gradients(&loss.backward()).layers(&trace).title("Digits").build().unwrap()
}

/// A small convolutional network.
pub(crate) fn convolutional() -> Graph {
    let mut params = Params::<f32>::seeded(42);
    let model = Cnn::new([1, 8, 8], 10).conv(8, 3).conv(16, 3).pool(2).linear(32).build(&mut params);
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).evaluation().traced(&trace);
    let pixels: Vec<f32> = (0..4 * 64).map(|k| (k % 13) as f32 / 12.0).collect();
    let logits = net.run(&model, tape.constant(([4, 1, 8, 8], pixels)).named("images"));
    let loss = logits.softmax_cross_entropy(&[3, 1, 4, 1]);
    Graph::builder(&tape).gradients(&loss.backward()).layers(&trace).title("A small CNN").build().unwrap()
}

/// A loop of so many steps.
pub(crate) fn loop_of(steps: usize) -> Graph {
    let tape = Tape::<f64>::new();
    let a = tape.scalar(0.5).named("a");
    let mut x = tape.scalar(1.0).named("x");
    for _ in 0..steps {
        x = (x * a + 1.0).sin();
    }
    Graph::of(&tape, &x.backward()).unwrap()
}

/// Names that would be markup if they were not text.
pub(crate) const HOSTILE: [&str; 4] = [
    "<img src=x onerror=\"document.title='caught'\">",
    "</script><script>document.title='caught'</script>",
    "\"&amp;' --> ]]> <!-- <template>",
    "שלום 🦀 \u{202e}abc\u{202c} {data} {title}",
];

pub(crate) fn hostile() -> Graph {
    let tape = Tape::<f64>::new();
    let leaves = HOSTILE.map(|name| tape.scalar(0.5).named(name));
    let sum = leaves[1..].iter().fold(leaves[0].sin(), |sum, &leaf| sum * leaf).named(HOSTILE[1]);
    Graph::builder(&tape).gradients(&sum.backward()).title(HOSTILE[1]).build().unwrap()
}

/// Where numbers stop being numbers, and where a gradient ends.
pub(crate) fn broken() -> Graph {
    let tape = Tape::<f64>::new();
    let x = tape.scalar(-1.0).named("x");
    let dead = tape.scalar(-3.0).named("dead").relu();
    let z = (x.ln().named("log") * 2.0 + dead).named("z");
    Graph::of(&tape, &z.backward()).unwrap()
}

/// The page of a graph, as a file.
pub(crate) fn page_of(graph: &Graph, name: &str) -> PathBuf {
    let file = pictures().join(format!("{name}.html"));
    fs::write(&file, graph.to_html()).unwrap();
    file
}

/// The page of a graph in a window; none where there is no browser.
pub(crate) fn opened(graph: &Graph, name: &str) -> Option<Page> {
    Page::open(&page_of(graph, name), 1280, 800)
}

//! Graphs as SVG: well-formed, the numbers in it those of the record, the same bytes every time.

mod expression;
pub(crate) mod xml;

use std::collections::HashSet;
use std::path::Path;

use draw::Graph;
use nn::{Activation, Losses, Mlp, Params, Trace};
use tape::Tape;

/// The texts in a picture, but not those that only a pointer brings up.
fn texts(svg: &str) -> Vec<String> {
    xml::read(svg).into_iter().filter(|element| element.name == "text").map(|element| element.text).collect()
}

/// Every id once, and an element for every node.
pub(crate) fn sound(graph: &Graph) {
    for svg in
        [graph.to_svg(), graph.svg().open_all().to_string(), graph.svg().open([]).legend(false).to_string()]
    {
        let elements = xml::read(&svg);
        let mut ids = HashSet::new();
        assert!(elements.iter().filter_map(|element| element.get("id")).all(|id| ids.insert(id)));
        assert!(!svg.contains("NaN\" ") && !svg.contains("inf\" "), "a coordinate that is none");
    }
    let open = graph.svg().open_all().to_string();
    let elements = xml::read(&open);
    let cards: HashSet<_> = elements
        .iter()
        .filter(|element| element.has("card"))
        .filter_map(|element| element.get("data-node")?.parse::<usize>().ok())
        .collect();
    assert_eq!(cards, (0..graph.nodes.len()).collect());
}

fn network() -> Graph {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 2, 2], Activation::Sigmoid);
    let (tape, trace) = (Tape::new(), Trace::default());
    let x = tape.constant(([1, 2], vec![1.0, 0.5])).named("x");
    let loss = params.on(&tape).traced(&trace).run(&model, x).softmax_cross_entropy(&[0]).named("loss");
    Graph::builder(&tape).gradients(&loss.backward()).layers(&trace).build().unwrap()
}

/// The picture is checked in; what is drawn otherwise is looked at before it takes its place.
#[test]
fn the_first_example_looks_as_it_did() {
    let drawn = expression::graph().to_svg() + "\n";
    let wanted = include_str!("expression.svg");
    if drawn.replace('\\', "/") != wanted {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expression.svg");
        std::fs::write(&path, &drawn).unwrap();
        panic!("the picture is another one: look at {} and put it into tests/svg", path.display());
    }
}

#[test]
fn all_numbers_of_the_backward_pass_are_there() {
    let texts = texts(&expression::graph().to_svg());
    for wanted in [
        "2.584",
        "= 3 + (−0.4161)",
        "∂%2/∂x = 3",
        "← 1 × 3 = 3",
        "∂%3/∂x = −0.4161",
        "← 1 × (−0.4161) = −0.4161",
        "∂z/∂%3 = 1",
        "6.909",
        "×",
        "sin",
        "%4 · expression.rs:9",
        "z = x·y + sin x",
    ] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted} in {texts:?}");
    }
}

#[test]
fn markup_in_names_is_text() {
    let names = ["a<b>&\"c\"", "]]>", "<!--", "two\nlines", "bell\u{7}\u{0}", "漢字 🦀", "", "</title>"];
    let tape = Tape::new();
    let leaves: Vec<_> = names.iter().map(|name| tape.scalar(1.0).named(name)).collect();
    let sum = leaves.into_iter().reduce(|a, b| (a + b).named("<&>")).unwrap();
    let graph = Graph::builder(&tape).gradients(&sum.backward()).title("<script>&").build().unwrap();
    sound(&graph);
    let texts = texts(&graph.to_svg());
    for shown in ["]]>", "<!--", "漢字 🦀", "</title>", "<script>&", "%6"] {
        assert!(texts.iter().any(|text| text == shown), "{shown} in {texts:?}");
    }
}

#[test]
fn what_is_wrong_has_a_sign_and_a_word() {
    let tape = Tape::new();
    let (dead, broken) = (tape.scalar(-40.0).named("dead"), tape.scalar(-1.0).named("broken"));
    let sum = dead.sigmoid() + broken.ln();
    let graph = Graph::of(&tape, &sum.backward()).unwrap();
    let svg = graph.to_svg();
    let elements = xml::read(&svg);
    for (class, words) in [("vanished", "vanishes"), ("broken", "not finite")] {
        assert!(
            elements
                .iter()
                .any(|element| element.name == "path" && element.has("sign") && element.has(class))
        );
        assert!(elements.iter().any(|element| element.name == "text" && element.text == words));
    }
    let fine = expression::graph().to_svg();
    assert!(!xml::read(&fine).iter().any(|element| element.has("sign")));
}

#[test]
fn groups_are_open_as_was_said() {
    let graph = network();
    sound(&graph);
    let count =
        |svg: String, class: &str| xml::read(&svg).iter().filter(|element| element.has(class)).count();
    // The network as a whole and three affine layers; the activations between them are single operations.
    assert_eq!(count(graph.to_svg(), "frame"), 4);
    // Three affine operations and the loss can be opened.
    assert_eq!(count(graph.to_svg(), "box"), 4);
    let closed = graph.svg().open([]).to_string();
    assert_eq!((count(closed.clone(), "frame"), count(closed, "group")), (0, 1));
    let one = graph.svg().open([0]).to_string();
    assert_eq!(count(one, "frame"), 1);
    assert_eq!(count(graph.svg().open_all().to_string(), "box"), 0);
    assert!(
        count(graph.to_svg(), "legend") == 1 && count(graph.svg().legend(false).to_string(), "legend") == 0
    );
}

#[test]
fn parameters_have_their_names_and_products_their_formulas() {
    let texts = texts(&network().to_svg());
    for wanted in ["layers.0.", "weight", "%1 · [2, 3] · 6 parameters · mod.rs:43", "9 parameters", "Xᵀ·G"]
    {
        assert!(texts.iter().any(|text| text == wanted), "{wanted} in {texts:?}");
    }
}

#[test]
fn the_same_graph_has_the_same_bytes() {
    let graph = network();
    assert_eq!(graph.svg().open_all().to_string(), network().svg().open_all().to_string());
    assert_eq!(graph.to_svg(), graph.to_svg());
}

#[test]
fn long_loops_and_empty_tapes_can_be_drawn() {
    let tape = Tape::new();
    let (mut h, w) = (tape.scalar(0.1), tape.scalar(0.9));
    for _ in 0..2_500 {
        h = (h * w + 0.01).tanh();
    }
    let graph = Graph::of(&tape, &h.backward()).unwrap();
    let cards = xml::read(&graph.to_svg()).iter().filter(|element| element.has("card")).count();
    assert!((2..100).contains(&cards), "{cards} cards are shown of {} nodes", graph.nodes.len());
    sound(&Graph::builder(&Tape::<f64>::new()).build().unwrap());
    let tape = Tape::<f64>::new();
    tape.tensor(([0, 3], vec![]));
    tape.constant(([20, 20], vec![f64::NAN; 400]));
    sound(&Graph::builder(&tape).build().unwrap());
}

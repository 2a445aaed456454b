//! Text, DOT, Mermaid, JSON, and files.

use std::path::PathBuf;

use draw::{ErrorKind, Graph};
use nn::{Activation, Mlp, Params, Trace};
use serde_json::{Value, json};
use tape::Tape;

use super::read;

/// Names that mean something to one of the forms.
const NAMES: [&str; 12] = [
    "\"quoted\" 'too'",
    "two\nlines",
    "a < b && c > d",
    "back\\slash \\n",
    "#1; *bold* _it_ `code` ~x~",
    "emoji 🦀",
    "مرحبا",
    "tab\tand\u{7}bell",
    "]] }) --> end",
    "</script><!--",
    "",
    "1. item",
];

fn names() -> Graph {
    let tape = Tape::new();
    let leaves: Vec<_> = NAMES.iter().map(|name| tape.scalar(1.5).named(name)).collect();
    let sum = leaves.into_iter().reduce(|a, b| (a + b).named("\"sum\" <&>")).unwrap();
    Graph::builder(&tape).gradients(&sum.backward()).title("\"t\" <&> #\nnext").build().unwrap()
}

/// A name as it can be shown.
fn shown(name: &str) -> String {
    name.replace(['\t', '\u{7}'], "\u{fffd}")
}

#[test]
fn names_of_all_sorts_come_through() {
    let graph = names();
    let dot = read::dot(&graph.to_dot());
    let mermaid = read::mermaid(&graph.to_mermaid());
    let json: Value = serde_json::from_str(&graph.to_json()).unwrap();
    assert_eq!(dot.texts[0], "\"t\" <&> #\nnext");
    assert_eq!(mermaid.texts[0], "\"t\" <&> #\nnext");
    for (k, name) in NAMES.iter().enumerate() {
        let heading = format!("{} %{k}", shown(name));
        let markup = heading.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let markup = markup.replace('"', "&quot;").replace('\n', "<BR/>");
        assert!(dot.texts.iter().any(|text| text.contains(&format!("<B>{markup}</B>"))), "{name}");
        let card = format!("{heading}\nvalue 1.5\ngradient 1");
        assert!(mermaid.texts.contains(&card), "{card} in {:?}", mermaid.texts);
        assert_eq!(json["nodes"][k]["name"], **name);
    }
    let text = graph.to_string();
    assert!(text.contains("two lines") && text.contains("مرحبا"));
    assert_eq!(
        text.lines().filter(|line| line.starts_with('%')).count(),
        graph.nodes.len() + graph.edges.len()
    );
}

#[test]
fn the_text_is_two_tables() {
    let tape = Tape::<f64>::new();
    let w = tape.tensor(([2, 2], vec![1.0, 2.0, 3.0, 4.0])).named("w");
    let x = tape.constant(([2, 2], vec![0.5; 4]));
    let y = (w.matmul(x).relu() * 2.0).named("y");
    let graph =
        Graph::builder(&tape).gradients(&y.sum().backward()).lines(false).title("a title").build().unwrap();
    let wanted = "\
a title

node  operation                          value          gradient
%0    w                       [[1, 2], [3, 4]]  [[2, 2], [2, 2]]
%1    constant        [[0.5, 0.5], [0.5, 0.5]]                 -
%2    matmul(%0, %1)  [[1.5, 1.5], [3.5, 3.5]]  [[2, 2], [2, 2]]
%3    relu(%2)        [[1.5, 1.5], [3.5, 3.5]]  [[2, 2], [2, 2]]
%4    y = %3 * 2              [[3, 3], [7, 7]]  [[1, 1], [1, 1]]
%5    sum(%4)                               20                 1

edge                local  ×          upstream  =        downstream
%5 ← %4  [[1, 1], [1, 1]]  ×                 1  =  [[1, 1], [1, 1]]
%4 ← %3  [[2, 2], [2, 2]]  ×  [[1, 1], [1, 1]]  =  [[2, 2], [2, 2]]
%3 ← %2  [[1, 1], [1, 1]]  ×  [[2, 2], [2, 2]]  =  [[2, 2], [2, 2]]
%2 ← %0          Jacobian  ×  [[2, 2], [2, 2]]  =  [[2, 2], [2, 2]]

";
    assert_eq!(graph.to_string(), wanted);
    let forward = Graph::builder(&tape).build().unwrap().to_string();
    let first: Vec<_> = forward.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(first, ["node", "operation", "value", "line"]);
    assert!(forward.contains(&format!("{}:", file!())) && !forward.contains('←'));
}

#[test]
fn dot_has_cards_ovals_and_products() {
    let tape = Tape::new();
    let x = tape.scalar(2.0).named("x");
    let grads = (x * 3.0).backward();
    let dot = Graph::builder(&tape).gradients(&grads).lines(false).build().unwrap().to_dot();
    let wanted = r#"digraph "graph" {
  rankdir=LR;
  graph [fontname="Helvetica", label="", labelloc=t, compound=true];
  node [fontname="Helvetica", fontsize=11, shape=plain];
  edge [fontname="Helvetica", fontsize=9];
  n0 [label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" COLOR="black"><TR><TD><B>x %0</B></TD></TR><TR><TD>value 2</TD></TR><TR><TD>gradient 3</TD></TR></TABLE>>, tooltip=""];
  n1 [label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" COLOR="black"><TR><TD><B>%1</B></TD></TR><TR><TD>value 6</TD></TR><TR><TD>gradient 1</TD></TR></TABLE>>, tooltip=""]; o1 [shape=ellipse, label="*"]; o1 -> n1;
  n0 -> o1 [label="3 × 1 = 3"];
}
"#;
    assert_eq!(dot, wanted);
}

#[test]
fn mermaid_has_cards_ovals_and_products() {
    let tape = Tape::new();
    let x = tape.scalar(2.0).named("x_1");
    let mermaid = Graph::of(&tape, &(x * x).backward()).unwrap().to_mermaid();
    let wanted = "\
flowchart LR
  n0[\"x#95;1 %0<br/>value 2<br/>gradient 4\"]
  o1([\"#42;\"]) --> n1[\"%1<br/>value 4<br/>gradient 1\"]
  n0 -->|\"2 × 1 = 2\"| o1
  n0 -->|\"2 × 1 = 2\"| o1
";
    assert_eq!(mermaid, wanted);
}

#[test]
fn groups_are_frames_and_stay_closed_where_there_is_no_room() {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 2], Activation::Tanh);
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace);
    let _ = net.run(&model, tape.constant(([1, 2], vec![0.5, 1.0])));
    let graph = Graph::builder(&tape).layers(&trace).build().unwrap();
    let (dot, mermaid) = (read::dot(&graph.to_dot()), read::mermaid(&graph.to_mermaid()));
    assert_eq!((dot.frames, mermaid.frames), (3, 3));
    assert!(dot.texts.contains(&"Linear · layers.0, 9 parameters".to_owned()));
    // Five leaves; three operations, each with its oval.
    assert_eq!((dot.nodes.len(), mermaid.nodes.len() - mermaid.frames), (5 + 2 * 3, 5 + 2 * 3));
    assert_eq!(dot.edges.len(), 7 + 3);

    let tape = Tape::new();
    let mut x = tape.scalar(0.5);
    for _ in 0..3_000 {
        x = x.sin();
        x *= 0.5;
    }
    let graph = Graph::of(&tape, &x.backward()).unwrap();
    let (dot, mermaid) = (read::dot(&graph.to_dot()), read::mermaid(&graph.to_mermaid()));
    assert!((20..900).contains(&dot.nodes.len()), "{}", dot.nodes.len());
    assert!((20..400).contains(&mermaid.nodes.len()) && mermaid.edges.len() < 500, "{}", mermaid.nodes.len());
}

#[test]
fn json_says_all_there_is() {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(f64::INFINITY));
    let z = x * 0.0 + y;
    let graph = Graph::builder(&tape).gradients(&z.backward()).title("t").build().unwrap();
    let read: Value = serde_json::from_str(&graph.to_json()).unwrap();
    assert_eq!(
        (&read["format"], &read["version"], &read["title"]),
        (&json!("chainrule-graph"), &json!(1), &json!("t"))
    );
    assert_eq!((&read["output"], &read["groups"]), (&json!(3), &json!([])));
    let numbers = |value: f64| {
        let statistics = json!({
            "count": 1, "not_finite": 0, "zeros": u8::from(value == 0.0), "min": value, "max": value, "mean": value,
            "deviation": 0.0, "norm": value.abs(),
        });
        json!({ "shape": [], "values": [value], "statistics": statistics })
    };
    let node = &graph.nodes[2];
    let wanted = json!({
        "id": "%2", "kind": "operation", "name": null, "operation": "mul", "constants": [[1, 0.0]], "value": numbers(0.0),
        "gradient": numbers(1.0), "file": file!(), "line": node.line, "group": null, "parameters": 0, "clipped": false,
    });
    assert_eq!(read["nodes"][2], wanted);
    let wanted = json!({
        "from": 0, "to": 2, "position": 0, "local": { "numbers": numbers(0.0) }, "upstream": numbers(1.0),
        "downstream": numbers(0.0),
    });
    assert_eq!(read["edges"][0], wanted);
    let infinite = &read["nodes"][1]["value"];
    assert_eq!((&infinite["values"], &infinite["statistics"]["mean"]), (&json!(["inf"]), &json!("nan")));
}

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("chainrule-{}-{name}", std::process::id()))
}

#[test]
fn the_ending_of_a_file_says_its_form() {
    let graph = names();
    let forms: [(&str, String); 8] = [
        ("html", graph.to_html()),
        ("svg", graph.to_svg()),
        ("txt", graph.to_string()),
        ("dot", graph.to_dot()),
        ("gv", graph.to_dot()),
        ("mmd", graph.to_mermaid()),
        ("json", graph.to_json()),
        ("JSON", graph.to_json()),
    ];
    for (ending, wanted) in forms {
        let path = file(&format!("graph.{ending}"));
        graph.save(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), wanted);
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn other_endings_and_places_that_are_not_there_are_refused() {
    let graph = names();
    let path = file("graph.png");
    let error = graph.save(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownForm);
    let endings = ".html, .svg, .txt, .dot, .gv, .mmd, .json";
    let text = format!("{}: expected one of the endings {endings}, found .png", path.display());
    assert_eq!(error.to_string(), text);
    assert!(graph.save("graph").unwrap_err().to_string().ends_with("found none"));
    let missing = file("missing").join("graph.dot");
    let error = graph.save(&missing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().starts_with(&missing.display().to_string()), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn the_same_graph_is_the_same_bytes() {
    let forms = |graph: Graph| [graph.to_string(), graph.to_dot(), graph.to_mermaid(), graph.to_json()];
    assert_eq!(forms(names()), forms(names()));
}

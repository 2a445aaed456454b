//! The HTML page of a graph: a picture that can be walked through.
//!
//! One file without a network, a server or a framework. The picture is there before any script runs; the script opens and
//! closes groups, runs the passes step by step, and says what happens at each. Every number in it is text made here: the
//! script shows, it does not compute.

mod data;
mod findings;

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data::Data;
use findings::findings;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::digits::{count, printed};
use crate::graph::Graph;
use crate::scene::Scene;
use crate::svg::style::{DARK, LIGHT, declare};
use crate::svg::text::Xml;
use crate::svg::{Figures, Known, frame, readable};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The parts of the script, in their order; together they are one function.
const SCRIPT: [&str; 17] = [
    include_str!("script/start.js"),
    include_str!("script/numbers.js"),
    include_str!("script/theme.js"),
    include_str!("script/compose.js"),
    include_str!("script/camera.js"),
    include_str!("script/map.js"),
    include_str!("script/plan.js"),
    include_str!("script/words.js"),
    include_str!("script/stage.js"),
    include_str!("script/marks.js"),
    include_str!("script/focus.js"),
    include_str!("script/details.js"),
    include_str!("script/pointer.js"),
    include_str!("script/steps.js"),
    include_str!("script/find.js"),
    include_str!("script/table.js"),
    include_str!("script/keys.js"),
];

impl Graph {
    /// The graph as an HTML page: one file, which needs no network and no server.
    ///
    /// The picture opens and closes groups, runs the feed-forward pass and the backward pass step by step with the numbers of
    /// each, and tells the rule and the numbers of whatever the mouse or the keyboard is on. It is light or dark as the
    /// reader's system is, can be used by keys alone (`?` lists them), has a table of all nodes and edges, and prints as one
    /// picture. Without scripts the picture of [`to_svg`](Self::to_svg) is still there.
    ///
    /// ```
    /// use draw::Graph;
    /// use tape::Tape;
    /// let tape = Tape::new();
    /// let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    /// let z = x * y + x.sin();
    /// let page = Graph::of(&tape, &z.backward())?.to_html();
    /// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg"));
    /// assert!(page.len() < 200_000);
    /// # Ok::<(), draw::Error>(())
    /// ```
    pub fn to_html(&self) -> String {
        let known = Known::of(self);
        let figures = Figures::of(&known);
        let scene = Scene::of(self, &figures.sizes(&known));
        let open = readable(self, &scene);
        let findings = findings(&known);
        let parts = parts(&known, &figures, &scene);
        let data = Data::new(&known, &scene, &open, &findings, &parts);
        let title = if self.title.is_empty() { "Graph" } else { &self.title };
        let pieces = [
            ("title", Xml(title).to_string()),
            ("style", colours() + STYLE),
            ("summary", summary(self)),
            ("picture", self.to_svg()),
            ("data", written(&data)),
            ("script", script()),
        ];
        filled(PAGE, &pieces)
    }
}

/// The colours of the picture, for the page around it as well: as the system has it, or as the button says.
fn colours() -> String {
    let (light, dark) = (declare(LIGHT), declare(DARK));
    let of = |root: &str, colours: &str| format!("{root},{root} .graph{{{colours}}}\n");
    let dark_system = of(r#":root:not([data-theme="light"])"#, &dark);
    let chosen = of(r#":root[data-theme="dark"]"#, &dark);
    format!("{}@media (prefers-color-scheme:dark){{{dark_system}}}\n{chosen}", of(":root", &light))
}

/// What stands below the title.
fn summary(graph: &Graph) -> String {
    let plural = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        many => format!("{} {word}s", count(many)),
    };
    let mut parts = vec![plural(graph.nodes.len(), "node"), plural(graph.edges.len(), "edge")];
    let parameters: usize = graph.nodes.iter().map(|node| node.parameters).sum();
    if parameters > 0 {
        parts.push(plural(parameters, "parameter"));
    }
    if let Some(output) = graph.output.map(|output| &graph.nodes[output])
        && let ([], &[value]) = (&output.value.shape[..], &output.value.values[..])
    {
        parts.push(format!("{} = {}", Xml(data::label(output)), printed(value)));
    }
    parts.join(" · ")
}

/// More than this is packed.
const MUCH: usize = 1 << 20;

/// An element with the data: as JSON, without letters that could end the element; packed where it is much.
fn written(data: &Data<'_>) -> String {
    let text = serde_json::to_string(data).expect("names, text and finite coordinates are all of it");
    if text.len() < MUCH {
        let text = text.replace("</", "<\\/").replace("<!", "\\u003c!");
        return format!(r#"<script type="application/json" id="data">{text}</script>"#);
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packer.write_all(text.as_bytes()).and_then(|()| packer.finish());
    let packed = STANDARD.encode(packed.expect("memory takes all that is written to it"));
    format!(r#"<script type="application/gzip" id="data">{packed}</script>"#)
}

/// The parts of every plane as SVG: its items, what is written at its wires, the frame around it. What they say of
/// themselves in titles is left out: the page says it better.
fn parts(known: &Known<'_>, figures: &Figures, scene: &Scene) -> Vec<String> {
    let planes = scene.planes.iter().enumerate().map(|(index, plane)| {
        let mut out = String::from(r#"<svg xmlns="http://www.w3.org/2000/svg"><g class="items">"#);
        for item in &plane.items {
            untitled(&mut out, &figures.item(known, index, item));
        }
        out.push_str(r#"</g><g class="labels">"#);
        for wire in &plane.wires {
            let label = wire.label.and_then(|_| figures.labels[*wire.edges.first()?].as_ref());
            untitled(&mut out, label.map_or("<g/>", |label| &label.svg));
        }
        out.push_str(r#"</g><g class="frame">"#);
        if let Some(group) = index.checked_sub(1) {
            untitled(&mut out, &frame(known, group, plane.width, plane.height));
        }
        out + "</g></svg>"
    });
    planes.collect()
}

/// A part without its title.
fn untitled(out: &mut String, svg: &str) {
    let around =
        svg.split_once("<title>").and_then(|(before, rest)| Some((before, rest.split_once("</title>")?.1)));
    let (before, after) = around.unwrap_or((svg, ""));
    out.push_str(before);
    out.push_str(after);
}

/// The script: one function, which leaves one name behind.
fn script() -> String {
    format!("'use strict';\nconst chainrule = {{}};\n(async () => {{\n{}}})();", SCRIPT.concat())
}

/// A template with what stands for each `{name}` in it.
fn filled(template: &str, parts: &[(&str, String)]) -> String {
    let mut out =
        String::with_capacity(parts.iter().map(|part| part.1.len()).sum::<usize>() + template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found =
            parts.iter().find_map(|(name, text)| Some((text, after.strip_prefix(name)?.strip_prefix('}')?)));
        rest = after;
        match found {
            Some((text, after)) => {
                out.push_str(text);
                rest = after;
            }
            None => out.push('{'),
        }
    }
    out + rest
}

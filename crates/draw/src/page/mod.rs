//! The HTML page of a graph: a picture that can be walked through.
//!
//! One file without a network, a server or a framework. The picture is there before any script runs; the script opens and
//! closes groups, runs the passes step by step, and says what happens at each. Every number in it is text made here: the
//! script shows, it does not compute.

mod data;
mod findings;

use crate::graph::Graph;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The parts of the script, in their order; together they are one function.
const SCRIPT: [&str; 16] = [
    include_str!("script/start.js"),
    include_str!("script/numbers.js"),
    include_str!("script/theme.js"),
    include_str!("script/compose.js"),
    include_str!("script/camera.js"),
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

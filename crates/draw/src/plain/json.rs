//! A graph as JSON.

use serde::Serialize;

use crate::graph::Graph;

/// What the document is, before all else.
#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    graph: &'a Graph,
}

impl Graph {
    /// Counts up when a field of the JSON changes its meaning or goes; new fields may come at any time.
    pub const JSON_VERSION: u32 = 1;

    /// The graph as JSON, on one line: everything that is known of it, under the names of the fields.
    ///
    /// ```text
    /// {"format": "chainrule-graph", "version": 1, "title": "…", "output": 4,
    ///  "nodes": [{"id": "%2", "kind": "operation", "name": null, "operation": "mul", "constants": [],
    ///             "value": {"shape": [], "values": [6.0],
    ///                       "statistics": {"count": 1, "not_finite": 0, "zeros": 0, "min": 6.0, "max": 6.0,
    ///                                      "mean": 6.0, "deviation": 0.0, "norm": 6.0}},
    ///             "gradient": {…}, "file": "src/main.rs", "line": 7, "group": null, "parameters": 0,
    ///             "clipped": false}, …],
    ///  "edges": [{"from": 0, "to": 2, "position": 0, "local": {"numbers": {…}}, "upstream": {…},
    ///             "downstream": {…}}, …],
    ///  "groups": [{"name": "Linear · layers.0", "kind": "layer", "parent": null, "inside": null, "output": null,
    ///              "parameters": 9, "repeated": 1}, …]}
    /// ```
    ///
    /// Nodes and groups are referred to by their place in the lists; the `kind` of a node is `leaf`, `constant` or `operation`, that of a
    /// group `layer`, `inside`, `repeats`, `repetition` or `range`; `local` is `{"numbers": …}`, `{"product": "…"}` or
    /// `"unknown"`. JSON knows no NaN and no infinity: they are the strings `"nan"`,
    /// `"inf"` and `"-inf"`. The `id` of a node is the same whenever the same program is run again.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let x = tape.scalar(0.0).named("x");
    /// let json = draw::Graph::of(&tape, &x.ln().backward())?.to_json();
    /// let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    /// assert_eq!(read["version"], draw::Graph::JSON_VERSION);
    /// assert_eq!(read["nodes"][1]["value"]["values"][0], "-inf");
    /// # Ok::<(), draw::Error>(())
    /// ```
    ///
    /// # Panics
    /// Never: all of it can be written.
    pub fn to_json(&self) -> String {
        let document = Document { format: "chainrule-graph", version: Self::JSON_VERSION, graph: self };
        serde_json::to_string(&document).expect("numbers, texts and lists can be written")
    }
}

//! The layers of a pass as groups.

use nn::{Trace, TracedLayer, common_path};

use super::groups::{Draft, Groups};
use super::{Edge, GroupKind, Kind, Node};
use crate::error::{Error, ErrorKind};

/// Makes a group of each layer, in `groups`, which has none yet. `place` says where a node of the tape is in the graph.
pub(super) fn group_layers(
    groups: &mut Groups,
    trace: &Trace,
    nodes: &mut [Node],
    edges: &[Edge],
    place: &dyn Fn(usize) -> Option<usize>,
) -> Result<(), Error> {
    for layer in trace.layers() {
        let inside = layer.nodes.clone().filter_map(place);
        groups.add_layer(&layer, inside)?;
    }
    let parameters: Vec<usize> = trace.parameters().into_iter().flatten().filter_map(place).collect();
    for &leaf in &parameters {
        if nodes[leaf].kind == Kind::Leaf {
            nodes[leaf].parameters = nodes[leaf].value.statistics.count;
        }
    }
    // By leaf, the innermost layer that holds all that use it; by layer, the parameters that it uses itself.
    let mut homes: Vec<Option<Option<usize>>> = vec![None; nodes.len()];
    let mut own: Vec<Vec<&str>> = vec![Vec::new(); groups.drafts.len()];
    let is_parameter = {
        let mut found = vec![false; nodes.len()];
        parameters.iter().for_each(|&leaf| found[leaf] = true);
        found
    };
    for edge in edges.iter().filter(|edge| is_parameter[edge.from]) {
        let user = groups.home[edge.to];
        homes[edge.from] = Some(match homes[edge.from] {
            None => user,
            Some(home) => groups.common(home, user),
        });
        if let (Some(layer), Some(name)) = (user, nodes[edge.from].name.as_deref()) {
            own[layer].push(name);
        }
    }
    for leaf in parameters {
        groups.home[leaf] = homes[leaf].flatten();
    }
    groups.dissolve_single_operations(|layer| own[layer].is_empty());
    for (draft, names) in groups.drafts.iter_mut().zip(own) {
        draft.name = layer_name(&draft.name, &common_path(names));
    }
    Ok(())
}

/// `Linear · layers.0`; of a layer that has a name within its container, where that is the end of the path, only the path.
fn layer_name(kind: &str, path: &str) -> String {
    let (name, alone) = kind.split_once(": ").unwrap_or(("", kind));
    match path.rsplit('.').next() {
        Some("") | None => kind.to_owned(),
        Some(last) if last == name => format!("{alone} · {path}"),
        Some(_) => format!("{kind} · {path}"),
    }
}

impl Groups {
    /// A frame around a single operation without parameters says no more than the operation: it goes.
    fn dissolve_single_operations(&mut self, without_parameters: impl Fn(usize) -> bool) {
        let mut within = vec![0; self.drafts.len()];
        self.home.iter().flatten().for_each(|&group| within[group] += 1);
        self.drafts.iter().filter_map(|draft| draft.parent).for_each(|group| within[group] += 1);
        for home in &mut self.home {
            if let Some(group) = *home
                && within[group] == 1
                && without_parameters(group)
            {
                *home = self.drafts[group].parent;
            }
        }
    }

    fn add_layer(&mut self, layer: &TracedLayer, nodes: impl Iterator<Item = usize>) -> Result<(), Error> {
        let mut parent = self.drafts.len().checked_sub(1);
        while let Some(group) = parent
            && self.drafts[group].depth >= layer.depth
        {
            parent = self.drafts[group].parent;
        }
        let above = parent.map_or(0, |group| self.drafts[group].depth + 1);
        let group = self.drafts.len();
        let draft = Draft { parent, depth: layer.depth, ..Draft::new(GroupKind::Layer, &layer.kind) };
        self.drafts.push(draft);
        let mut fits = above == layer.depth;
        for node in nodes {
            fits &= self.home[node] == parent;
            self.home[node] = Some(group);
        }
        if fits {
            return Ok(());
        }
        let text = format!(
            "the layer {} is of another pass than what is on the tape: expected a trace of one tape, and a new one after \
             its reset",
            layer.kind
        );
        Err(Error::new(ErrorKind::Setting, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_named_after_their_parameters() {
        assert_eq!(layer_name("Linear", "layers.0"), "Linear · layers.0");
        assert_eq!(layer_name("Mlp", ""), "Mlp");
        assert_eq!(layer_name("fc: Linear", "fc"), "Linear · fc");
        assert_eq!(layer_name("fc: Linear", "head.fc"), "Linear · head.fc");
        assert_eq!(layer_name("act: relu", ""), "act: relu");
        assert_eq!(layer_name("a: Linear", "shared"), "a: Linear · shared");
    }
}

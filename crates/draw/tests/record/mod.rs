//! The record of a graph and its plain forms.

mod edges;
mod forms;
mod groups;
mod listed;
mod nodes;
mod read;

use draw::{Graph, Local, Numbers};

/// Whatever must be true of any graph.
pub(crate) fn sound(graph: &Graph) {
    let nodes = graph.nodes.len();
    let ids: std::collections::HashSet<_> = graph.nodes.iter().map(|node| &node.id).collect();
    assert_eq!(ids.len(), nodes, "ids are unique");
    for edge in &graph.edges {
        assert!(edge.from < edge.to && edge.to < nodes, "{edge:?}");
    }
    assert!(graph.edges.is_sorted_by_key(|edge| (edge.to, edge.position)));
    for (k, group) in graph.groups.iter().enumerate() {
        assert!(group.parent.is_none_or(|parent| parent < k), "{group:?}");
        assert_eq!(group.inside.is_some(), group.output.is_some());
        let holds = graph.nodes.iter().any(|node| node.group == Some(k))
            || graph.groups.iter().any(|other| other.parent == Some(k));
        assert!(holds, "{} is empty", group.name);
        if let Some(node) = group.inside {
            assert_eq!(group.parent, graph.nodes[node].group, "an inside stands beside its node");
        }
    }
    let beside = |place: Option<usize>| {
        let nodes = graph.nodes.iter().enumerate();
        let here =
            nodes.filter(|&(k, node)| node.group == place && (place.is_some() || !inside(graph, k))).count();
        here + graph.groups.iter().filter(|group| group.parent == place && group.inside.is_none()).count()
    };
    for place in std::iter::once(None).chain((0..graph.groups.len()).map(Some)) {
        assert!(beside(place) <= 40, "{} beside each other in {place:?}", beside(place));
    }
    for node in &graph.nodes {
        let count: usize = node.value.shape.iter().product();
        assert_eq!(node.value.statistics.count, count);
        assert_eq!(node.value.values.len(), if count <= Numbers::SHOWN { count } else { 0 });
        assert!(node.gradient.as_ref().is_none_or(|gradient| gradient.shape == node.value.shape));
        assert!(node.group.is_none_or(|group| group < graph.groups.len()));
    }
}

/// Whether a node is inside a composite one.
pub(crate) fn inside(graph: &Graph, node: usize) -> bool {
    let up = std::iter::successors(graph.nodes[node].group, |&group| graph.groups[group].parent);
    up.into_iter().any(|group| graph.groups[group].inside.is_some())
}

/// What went on from the nodes that use this one has to be its gradient, and along each edge the product of what is
/// known.
pub(crate) fn contributions_add_up(graph: &Graph, tolerance: f64) {
    for (k, node) in
        graph.nodes.iter().enumerate().filter(|&(k, _)| Some(k) != graph.output && !inside(graph, k))
    {
        let Some(gradient) = &node.gradient else { continue };
        let mut sum = vec![0.0; gradient.values.len()];
        for edge in graph.edges.iter().filter(|edge| edge.from == k && !inside(graph, edge.to)) {
            let Some(downstream) = &edge.downstream else { continue };
            sum.iter_mut().zip(&downstream.values).for_each(|(sum, value)| *sum += value);
        }
        for (sum, wanted) in sum.iter().zip(&gradient.values) {
            let size = wanted.abs().max(1.0);
            assert!((sum - wanted).abs() <= tolerance * size, "{}: {sum} instead of {wanted}", node.id);
        }
    }
    for edge in &graph.edges {
        let (Local::Numbers(local), Some(up), Some(down)) = (&edge.local, &edge.upstream, &edge.downstream)
        else {
            continue;
        };
        if local.shape.is_empty() && up.shape.is_empty() && down.shape.is_empty() {
            assert_eq!(local.values[0] * up.values[0], down.values[0], "{edge:?}");
        }
    }
}

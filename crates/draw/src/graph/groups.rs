//! Groups under way: a tree that is built from several sides and numbered at the end.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::inside::Inside;
use super::{Edge, Group, GroupKind, Kind, Node};

/// A group that may still be moved.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) kind: GroupKind,
    pub(super) parent: Option<usize>,
    /// Of a layer: how many layers it lies within.
    pub(super) depth: usize,
    pub(super) inside: Option<usize>,
    pub(super) output: Option<usize>,
    pub(super) repeated: usize,
}

impl Draft {
    pub(super) fn new(kind: GroupKind, name: &str) -> Self {
        Self { name: name.to_owned(), kind, parent: None, depth: 0, inside: None, output: None, repeated: 1 }
    }
}

/// Groups, and where each node lies.
pub(super) struct Groups {
    pub(super) drafts: Vec<Draft>,
    /// By node, the innermost group.
    pub(super) home: Vec<Option<usize>>,
}

impl Groups {
    pub(super) fn new(nodes: usize) -> Self {
        Self { drafts: Vec::new(), home: vec![None; nodes] }
    }

    /// A new group for the inside of a composite node, which stays beside that node wherever this goes.
    pub(super) fn add_inside(&mut self, inside: &Inside, nodes: &[Node]) -> usize {
        let group = self.drafts.len();
        let draft = Draft::new(GroupKind::Inside, &nodes[inside.node].operation);
        self.drafts.push(Draft { inside: Some(inside.node), output: Some(inside.output), ..draft });
        self.home.resize(nodes.len(), None);
        inside.nodes.iter().for_each(|&node| self.home[node] = Some(group));
        group
    }

    /// The innermost group that holds two others.
    pub(super) fn common(&self, a: Option<usize>, b: Option<usize>) -> Option<usize> {
        let above: HashSet<usize> = self.above(a).collect();
        self.above(b).find(|group| above.contains(group))
    }

    /// A group and those that it lies in, from the innermost.
    fn above(&self, group: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(group, |&group| self.drafts[group].parent)
    }

    /// By group, the first operation in it, or the first leaf where it has none; an inside begins where its node is. `None`
    /// of what is empty.
    fn beginnings(&self, nodes: &[Node]) -> Vec<Option<usize>> {
        let (operations, leaves): (Vec<usize>, Vec<usize>) =
            (0..nodes.len()).partition(|&node| nodes[node].kind == Kind::Operation);
        let mut begins: Vec<Option<usize>> = vec![None; self.drafts.len()];
        for node in operations.into_iter().chain(leaves) {
            let mut place = node;
            for group in self.above(self.home[node]) {
                place = self.drafts[group].inside.unwrap_or(place);
                begins[group] = begins[group].or(Some(place));
            }
        }
        begins
    }

    /// Writes the groups down, each after the one it lies in, without those in which there is nothing.
    pub(super) fn finish(mut self, nodes: &mut [Node], edges: &[Edge]) -> Vec<Group> {
        for group in 0..self.drafts.len() {
            if let Some(node) = self.drafts[group].inside {
                self.drafts[group].parent = self.home[node];
            }
        }
        let begins = self.beginnings(nodes);
        let mut children = vec![Vec::new(); self.drafts.len()];
        let mut open = Vec::new();
        for (group, draft) in self.drafts.iter().enumerate().filter(|&(group, _)| begins[group].is_some()) {
            draft.parent.map_or(&mut open, |parent| &mut children[parent]).push(group);
        }
        let later_first = |groups: &mut Vec<usize>| {
            groups.sort_by_key(|&group| (Reverse(begins[group]), Reverse(group)));
        };
        later_first(&mut open);
        children.iter_mut().for_each(later_first);
        let mut numbers = vec![0; self.drafts.len()];
        let mut groups: Vec<Group> = Vec::new();
        while let Some(group) = open.pop() {
            numbers[group] = groups.len();
            let draft = &self.drafts[group];
            groups.push(Group {
                name: draft.name.clone(),
                kind: draft.kind,
                parent: draft.parent.map(|parent| numbers[parent]),
                inside: draft.inside,
                output: draft.output,
                parameters: 0,
                repeated: draft.repeated,
            });
            open.append(&mut children[group]);
        }
        for (node, home) in nodes.iter_mut().zip(&self.home) {
            node.group = home.map(|home| numbers[home]);
        }
        count_parameters(&mut groups, nodes, edges);
        groups
    }
}

/// Each group counts the parameters that lie in it or are used in it, each once.
fn count_parameters(groups: &mut [Group], nodes: &[Node], edges: &[Edge]) {
    let within = nodes.iter().enumerate().map(|(leaf, node)| (leaf, node.group));
    let used = edges.iter().map(|edge| (edge.from, nodes[edge.to].group));
    let mut counted = HashSet::new();
    for (leaf, mut group) in within.chain(used).filter(|&(leaf, _)| nodes[leaf].parameters > 0) {
        while let Some(at) = group
            && counted.insert((at, leaf))
        {
            groups[at].parameters += nodes[leaf].parameters;
            group = groups[at].parent;
        }
    }
}

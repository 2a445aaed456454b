//! What of a graph is shown where nothing can be opened by hand: groups are frames as long as there is room for what is
//! in them, and single cards where there is not.

use std::collections::VecDeque;

use crate::graph::Graph;

/// Something that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Spot {
    Node(usize),
    /// A group that stays closed.
    Group(usize),
}

/// Nodes, closed groups and frames.
pub(super) struct Outline {
    /// By node, where it is shown; none inside composite nodes, which stay closed.
    pub(super) spots: Vec<Option<Spot>>,
    /// By group, whether it is a frame.
    pub(super) frames: Vec<bool>,
    /// What lies in each group, and, at the end, what lies in none.
    children: Vec<Vec<Child>>,
}

#[derive(Clone, Copy)]
enum Child {
    Node(usize),
    Group(usize),
}

/// A step on the way through all that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// A frame begins.
    Open(usize),
    Show(Spot),
    /// A frame ends.
    Close,
}

impl Outline {
    /// Frames are opened from the outside, as long as no more than `room` cards are shown.
    pub(super) fn of(graph: &Graph, room: usize) -> Self {
        let composites = graph.composites();
        let groups = graph.groups.len();
        let mut children = vec![Vec::new(); groups + 1];
        for (k, group) in graph.groups.iter().enumerate().filter(|(_, group)| group.inside.is_none()) {
            children[group.parent.unwrap_or(groups)].push(Child::Group(k));
        }
        let mut spots = vec![None; graph.nodes.len()];
        for (k, node) in graph.nodes.iter().enumerate().filter(|&(k, _)| composites[k].is_none()) {
            children[node.group.unwrap_or(groups)].push(Child::Node(k));
        }
        let mut frames = vec![false; groups];
        let mut shown = 0;
        let mut waiting = VecDeque::from([groups]);
        while let Some(group) = waiting.pop_front() {
            if group != groups {
                if shown - 1 + children[group].len() > room {
                    continue;
                }
                frames[group] = true;
                shown -= 1;
            }
            shown += children[group].len();
            waiting.extend(children[group].iter().filter_map(|&child| match child {
                Child::Group(group) => Some(group),
                Child::Node(_) => None,
            }));
        }
        // By group, the outermost closed one that it lies in.
        let mut closed: Vec<Option<usize>> = Vec::with_capacity(groups);
        for (k, group) in graph.groups.iter().enumerate() {
            closed.push(group.parent.and_then(|parent| closed[parent]).or((!frames[k]).then_some(k)));
        }
        for (k, node) in graph.nodes.iter().enumerate().filter(|&(k, _)| composites[k].is_none()) {
            let closed = node.group.and_then(|group| closed[group]);
            spots[k] = Some(closed.map_or(Spot::Node(k), Spot::Group));
        }
        Self { spots, frames, children }
    }

    /// All that is shown, frames around what is in them.
    pub(super) fn steps(&self) -> Vec<Step> {
        enum Task {
            Visit(Child),
            Close,
        }
        let mut steps = Vec::new();
        let tasks = |group: usize| self.children[group].iter().rev().map(|&child| Task::Visit(child));
        let mut open: Vec<Task> = tasks(self.children.len() - 1).collect();
        while let Some(task) = open.pop() {
            match task {
                Task::Close => steps.push(Step::Close),
                Task::Visit(Child::Node(node)) => steps.push(Step::Show(Spot::Node(node))),
                Task::Visit(Child::Group(group)) if self.frames[group] => {
                    steps.push(Step::Open(group));
                    open.push(Task::Close);
                    open.extend(tasks(group));
                }
                Task::Visit(Child::Group(group)) => steps.push(Step::Show(Spot::Group(group))),
            }
        }
        steps
    }

    /// The edges between what is shown: each by itself between nodes, those from or to a closed group as one.
    pub(super) fn edges(&self, graph: &Graph) -> Vec<(Spot, Spot, Option<usize>)> {
        let mut edges = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (k, edge) in graph.edges.iter().enumerate() {
            let (Some(from), Some(to)) = (self.spots[edge.from], self.spots[edge.to]) else { continue };
            let each = matches!((from, to), (Spot::Node(_), Spot::Node(_)));
            if each || (from != to && seen.insert((from, to))) {
                edges.push((from, to, each.then_some(k)));
            }
        }
        edges
    }
}

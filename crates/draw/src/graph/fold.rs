//! Long lists of nodes and groups become short ones: what repeats itself becomes one, and what is still too long is cut
//! into ranges.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::groups::{Draft, Groups};
use super::repeats::{Run, runs};
use super::{Edge, GroupKind, Kind, Node};

/// How many nodes and groups one finds side by side, at most.
pub(crate) const MOST: usize = 40;

/// A node or a group, among others.
struct Item {
    what: What,
    /// What it says of itself; groups that repeat themselves are named after this.
    label: String,
    /// The nodes in it, in their order.
    nodes: Vec<usize>,
    /// Equal where two look the same.
    looks: u64,
}

#[derive(Clone, Copy)]
enum What {
    Node(usize),
    Group(usize),
}

/// Folds what lies in each of these groups, and what lies in none, until nothing is too long.
pub(super) fn fold(groups: &mut Groups, nodes: &[Node], edges: &[Edge]) {
    let mut firsts = vec![0; nodes.len() + 1];
    edges.iter().for_each(|edge| firsts[edge.to + 1] += 1);
    (0..nodes.len()).for_each(|node| firsts[node + 1] += firsts[node]);
    let graph = View { nodes, edges, firsts };
    let mut levels: Vec<Vec<Item>> = (0..=groups.drafts.len()).map(|_| Vec::new()).collect();
    let root = groups.drafts.len();
    for (node, home) in groups.home.iter().enumerate() {
        levels[home.unwrap_or(root)].push(graph.item(node));
    }
    // What lies in another was made after it.
    for group in (0..root).rev() {
        let items = graph.in_order(std::mem::take(&mut levels[group]));
        let draft = &groups.drafts[group];
        let parent = draft.parent.unwrap_or(root);
        let is_inside = draft.inside.is_some();
        let whole = Item::of(What::Group(group), &draft.name, &items);
        fold_level(groups, &graph, Some(group), items);
        if !is_inside && !whole.nodes.is_empty() {
            levels[parent].push(whole);
        }
    }
    let items = graph.in_order(std::mem::take(&mut levels[root]));
    fold_level(groups, &graph, None, items);
}

struct View<'a> {
    nodes: &'a [Node],
    edges: &'a [Edge],
    /// By node, its first edge.
    firsts: Vec<usize>,
}

impl View<'_> {
    fn item(&self, node: usize) -> Item {
        let Node { operation, constants, value, file, line, .. } = &self.nodes[node];
        let mut hasher = DefaultHasher::new();
        (operation, constants.len(), &value.shape, file, line).hash(&mut hasher);
        Item { what: What::Node(node), label: operation.clone(), nodes: vec![node], looks: hasher.finish() }
    }

    /// In the order in which they ran: a layer stands where its first operation does, not where its parameters do.
    fn in_order(&self, mut items: Vec<Item>) -> Vec<Item> {
        let is_operation = |node: &&usize| self.nodes[**node].kind == Kind::Operation;
        items.sort_by_key(|item| item.nodes.iter().find(is_operation).or(item.nodes.first()).copied());
        items
    }

    /// By item, the other items that it is made of: `usize::MAX` where that is none of these.
    fn operands(&self, items: &[Item]) -> Vec<Vec<usize>> {
        let mut at = vec![usize::MAX; self.nodes.len()];
        for (k, item) in items.iter().enumerate() {
            item.nodes.iter().for_each(|&node| at[node] = k);
        }
        let operands = |(k, item): (usize, &Item)| {
            let edges =
                item.nodes.iter().flat_map(|&node| &self.edges[self.firsts[node]..self.firsts[node + 1]]);
            edges.map(|edge| at[edge.from]).filter(|&from| from != k).collect()
        };
        items.iter().enumerate().map(operands).collect()
    }
}

impl Item {
    fn of(what: What, name: &str, items: &[Self]) -> Self {
        let mut nodes: Vec<usize> = items.iter().flat_map(|item| &item.nodes).copied().collect();
        nodes.sort_unstable();
        let kind = name.split(" · ").next().unwrap_or_default().to_owned();
        let mut hasher = DefaultHasher::new();
        kind.hash(&mut hasher);
        items.iter().for_each(|item| item.looks.hash(&mut hasher));
        Self { what, label: kind, nodes, looks: hasher.finish() }
    }
}

fn fold_level(groups: &mut Groups, graph: &View<'_>, owner: Option<usize>, mut items: Vec<Item>) {
    // Loops within loops first: whatever they lie in has a period more than three times as long.
    let mut longest = 8;
    let mut operands = graph.operands(&items);
    while items.len() > MOST && longest < items.len() {
        let looks: Vec<u64> = items.iter().map(|item| item.looks).collect();
        let found = runs(&looks, longest, |run, k| alike(&operands, run, k));
        if found.is_empty() {
            longest *= 2;
        } else {
            items = repeated(groups, graph, owner, items, &found);
            operands = graph.operands(&items);
        }
    }
    put(groups, owner, items, &|items| span(graph.nodes, items));
}

/// Whether an item of a run is made of the same as the one a period before, seen from there: of what moves along, or stays
/// where it is, or is from before the run.
fn alike(operands: &[Vec<usize>], run: Run, k: usize) -> bool {
    let (now, before) = (&operands[k], &operands[k - run.period]);
    let moves = |now: usize, before: usize| {
        now == before || before == usize::MAX || before < run.start || now == before + run.period
    };
    now.len() == before.len() && now.iter().zip(before).all(|(&now, &before)| moves(now, before))
}

/// Makes a group of each run, with a group in it for each repetition.
fn repeated(
    groups: &mut Groups,
    graph: &View<'_>,
    owner: Option<usize>,
    items: Vec<Item>,
    found: &[Run],
) -> Vec<Item> {
    let mut items = items.into_iter();
    let (mut done, mut at) = (Vec::new(), 0);
    for run in found {
        done.extend(items.by_ref().take(run.start - at));
        at = run.end();
        let parts: Vec<Item> = items.by_ref().take(run.period * run.count).collect();
        let group = groups.drafts.len();
        let name = format!("{} ×{}", labels(&parts[..run.period]), run.count);
        let draft = Draft { parent: owner, repeated: run.count, ..Draft::new(GroupKind::Repeats, &name) };
        groups.drafts.push(draft);
        done.push(Item::of(What::Group(group), &name, &parts));
        if run.period == 1 {
            put(groups, Some(group), parts, &|items| span(graph.nodes, items));
            continue;
        }
        let mut repetitions = Vec::new();
        let mut parts = parts.into_iter();
        for k in 1..=run.count {
            let body: Vec<Item> = parts.by_ref().take(run.period).collect();
            let repetition = groups.drafts.len();
            groups.drafts.push(Draft::new(GroupKind::Repetition, &format!("{k} of {}", run.count)));
            repetitions.push(Item::of(What::Group(repetition), &k.to_string(), &body));
            put(groups, Some(repetition), body, &|items| span(graph.nodes, items));
        }
        let numbers = |items: &[Item]| {
            let [first, last] = ends(items).map(|item| item.map_or("", |item| &item.label[..]));
            format!("{first} … {last} of {}", run.count)
        };
        put(groups, Some(group), repetitions, &numbers);
    }
    done.extend(items);
    done
}

/// Puts items into a group, within groups of ranges where they are too many: as many ranges as each has items.
fn put(groups: &mut Groups, owner: Option<usize>, items: Vec<Item>, name: &dyn Fn(&[Item]) -> String) {
    if items.len() <= MOST {
        for item in items {
            match item.what {
                What::Node(node) => groups.home[node] = owner,
                What::Group(group) => groups.drafts[group].parent = owner,
            }
        }
        return;
    }
    let count = items.len() as f64;
    let levels = (count.ln() / (MOST as f64).ln()).ceil();
    let ranges = count.powf(levels.recip()).ceil() as usize;
    let length = items.len().div_ceil(ranges);
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let part: Vec<Item> = items.by_ref().take(length).collect();
        let group = groups.drafts.len();
        groups.drafts.push(Draft { parent: owner, ..Draft::new(GroupKind::Range, &name(&part)) });
        put(groups, Some(group), part, name);
    }
}

/// From the first node to the last.
fn span(nodes: &[Node], items: &[Item]) -> String {
    let [first, last] = ends(items);
    let first = first.and_then(|item| item.nodes.first()).map_or("", |&node| &nodes[node].id);
    let last = last.and_then(|item| item.nodes.last()).map_or("", |&node| &nodes[node].id);
    format!("{first} … {last}")
}

fn ends(items: &[Item]) -> [Option<&Item>; 2] {
    [items.first(), items.last()]
}

/// What some items are, each kind once, and not too many.
fn labels(items: &[Item]) -> String {
    const SHOWN: usize = 4;
    let mut labels: Vec<&str> = Vec::new();
    for item in items {
        if !labels.contains(&&item.label[..]) {
            labels.push(&item.label);
        }
    }
    let more = if labels.len() > SHOWN { ", …" } else { "" };
    labels.truncate(SHOWN);
    labels.join(", ") + more
}

//! Whatever is open: nothing overlaps, and wires lead from border to border without crossing a card.

use std::collections::HashSet;
use std::time::Instant;

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Item, Placed, Plane, Room, Scene, Sizes, What, compose};
use crate::graph::{Edge, Graph, Group, GroupKind, Kind, Local, Node, Numbers, Statistics};

/// So much may be lost by rounding.
const SLACK: f64 = 1e-6;

fn node(id: usize, operation: &str, group: Option<usize>) -> Node {
    let statistics = Statistics {
        count: 1,
        not_finite: 0,
        zeros: 0,
        min: 1.0,
        max: 1.0,
        mean: 1.0,
        deviation: 0.0,
        norm: 1.0,
    };
    Node {
        id: format!("%{id}"),
        kind: if operation == "leaf" { Kind::Leaf } else { Kind::Operation },
        name: None,
        operation: operation.into(),
        constants: Vec::new(),
        value: Numbers { shape: Vec::new(), values: vec![1.0], statistics },
        gradient: None,
        file: "src/main.rs".into(),
        line: 1,
        group,
        parameters: 0,
        clipped: false,
    }
}

fn group_in(parent: Option<usize>) -> Group {
    let kind = GroupKind::Range;
    Group { kind, name: "part".into(), parent, inside: None, output: None, parameters: 0, repeated: 1 }
}

fn edge(from: usize, to: usize) -> Edge {
    Edge { from, to, position: 0, local: Local::Unknown, upstream: None, downstream: None }
}

/// Nodes with their operands, ranges of them as groups (where one does not cut another), and after all others what is inside
/// some operations: a chain as long as is said.
fn graph(operands: &[Vec<Index>], ranges: &[(Index, Index)], insides: &[(Index, usize)]) -> Graph {
    let count = operands.len();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (a, b) in ranges {
        let (a, b) = (a.index(count), b.index(count));
        let span = (a.min(b), a.max(b) + 1);
        let cuts = |other: &(usize, usize)| {
            let apart = span.1 <= other.0 || other.1 <= span.0;
            let nested = (span.0 <= other.0 && other.1 <= span.1) || (other.0 <= span.0 && span.1 <= other.1);
            span == *other || !(apart || nested)
        };
        if !spans.iter().any(cuts) {
            spans.push(span);
        }
    }
    spans.sort_by_key(|span| (span.0, usize::MAX - span.1));
    let innermost = |of: (usize, usize), before: usize| {
        (0..before).rev().find(|&group| spans[group].0 <= of.0 && of.1 <= spans[group].1)
    };
    let mut groups: Vec<_> = (0..spans.len()).map(|group| group_in(innermost(spans[group], group))).collect();
    let mut nodes: Vec<_> = (0..count)
        .map(|at| {
            node(
                at,
                if at == 0 || operands[at].is_empty() { "leaf" } else { "op" },
                innermost((at, at + 1), spans.len()),
            )
        })
        .collect();
    let mut edges = Vec::new();
    for (at, operands) in operands.iter().enumerate().skip(1) {
        edges.extend(operands.iter().map(|operand| edge(operand.index(at), at)));
    }
    let mut composite = HashSet::new();
    for (of, length) in insides {
        let of = of.index(count);
        if nodes[of].operation == "leaf" || !composite.insert(of) {
            continue;
        }
        let group = Some(groups.len());
        groups.push(Group {
            inside: Some(of),
            output: Some(nodes.len() + length - 1),
            ..group_in(nodes[of].group)
        });
        let mut before: Vec<_> = edges.iter().filter(|edge| edge.to == of).map(|edge| edge.from).collect();
        for _ in 0..*length {
            let inner = nodes.len();
            nodes.push(node(inner, "step", group));
            edges.extend(before.iter().map(|&from| edge(from, inner)));
            before = vec![inner];
        }
    }
    Graph { title: String::new(), nodes, edges, groups, output: None }
}

fn sizes(graph: &Graph) -> Sizes {
    // Some are much larger than others.
    let size = |at: usize| (60.0 + 37.0 * (at % 5) as f64, 30.0 + 23.0 * (at % 4) as f64);
    let nodes = 0..graph.nodes.len();
    Sizes {
        cards: nodes.clone().map(size).collect(),
        ovals: nodes.clone().map(|at| (40.0 + 9.0 * (at % 7) as f64, 34.0)).collect(),
        groups: (0..graph.groups.len()).map(|at| size(at + 2)).collect(),
        titles: (0..graph.groups.len()).map(|at| 80.0 + 50.0 * at as f64).collect(),
        gates: nodes.map(|at| (20.0 + (at % 9) as f64, 18.0)).collect(),
        labels: (0..graph.edges.len()).map(|at| (at % 3 > 0).then_some((70.0 + at as f64, 36.0))).collect(),
    }
}

/// Left, top, right, bottom.
type Sides = (f64, f64, f64, f64);

fn sides(x: f64, y: f64, width: f64, height: f64) -> Sides {
    (x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0)
}

fn of_item(item: &Item) -> Sides {
    sides(item.x, item.y, item.width, item.height)
}

fn of_room(room: &Room) -> Sides {
    sides(room.x, room.y, room.width, room.height)
}

fn apart(a: Sides, b: Sides) -> bool {
    a.2 <= b.0 + SLACK || b.2 <= a.0 + SLACK || a.3 <= b.1 + SLACK || b.3 <= a.1 + SLACK
}

fn within(a: Sides, b: Sides) -> bool {
    a.0 >= b.0 - SLACK && a.1 >= b.1 - SLACK && a.2 <= b.2 + SLACK && a.3 <= b.3 + SLACK
}

/// Points along a path, as it is drawn.
fn along(path: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let bend = |t: f64, a: (f64, f64), b: (f64, f64)| {
        // The control points stand in the middle, at the heights of the ends.
        let middle = f64::midpoint(a.0, b.0);
        let s = 1.0 - t;
        let mix = |p: [f64; 4]| {
            s * s * s * p[0] + 3.0 * s * s * t * p[1] + 3.0 * s * t * t * p[2] + t * t * t * p[3]
        };
        (mix([a.0, middle, middle, b.0]), mix([a.1, a.1, b.1, b.1]))
    };
    path.windows(2)
        .flat_map(|ends| (0..=20).map(move |t| bend(f64::from(t) / 20.0, ends[0], ends[1])))
        .collect()
}

/// Cards, frames and labels: in the picture, and apart.
fn check_items(scene: &Scene, placed: &Placed) -> Result<(), TestCaseError> {
    let whole = (0.0, 0.0, placed.width, placed.height);
    let around = |plane: usize, group: usize| {
        // The chain of planes outward, by the items that are groups.
        let mut at = plane;
        loop {
            if at == group + 1 {
                return true;
            }
            let holds =
                |plane: &Plane| at > 0 && plane.items.iter().any(|item| item.what == What::Group(at - 1));
            match scene.planes.iter().position(holds) {
                Some(outer) => at = outer,
                None => return false,
            }
        }
    };
    for (at, (plane, item)) in placed.items.iter().enumerate() {
        prop_assert!(within(of_item(item), whole), "{item:?} is in the picture");
        for (_, other) in &placed.items[at + 1..] {
            prop_assert!(apart(of_item(item), of_item(other)), "{item:?} and {other:?}");
        }
        for frame in &placed.frames {
            let What::Group(group) = frame.what else { continue };
            if around(*plane, group) {
                prop_assert!(within(of_item(item), of_item(frame)), "{item:?} in {frame:?}");
            } else {
                prop_assert!(apart(of_item(item), of_item(frame)), "{item:?} out of {frame:?}");
            }
        }
    }
    let labels: Vec<_> = placed.wires.iter().filter_map(|wire| wire.label).collect();
    for (at, label) in labels.iter().enumerate() {
        prop_assert!(within(of_room(label), whole));
        for (_, item) in &placed.items {
            prop_assert!(apart(of_room(label), of_item(item)), "{label:?} and {item:?}");
        }
        for other in &labels[at + 1..] {
            prop_assert!(apart(of_room(label), of_room(other)), "{label:?} and {other:?}");
        }
    }
    Ok(())
}

/// Wires: from border to border, and across no card.
fn check_wires(scene: &Scene, placed: &Placed) -> Result<(), TestCaseError> {
    let find = |plane: usize, what: What| {
        let item =
            placed.items.iter().find(|(at, item)| *at == plane && item.what == what).map(|(_, item)| item);
        item.or_else(|| placed.frames.iter().find(|frame| frame.what == what))
    };
    for drawn in &placed.wires {
        let wire = &scene.planes[drawn.plane].wires[drawn.wire];
        let ends = [(wire.from, drawn.path.first()), (wire.to, drawn.path.last())];
        for (item, point) in ends {
            let item =
                find(drawn.plane, scene.planes[drawn.plane].items[item].what).expect("an end of a wire");
            let &(x, y) = point.expect("a path");
            let (left, top, right, bottom) = of_item(item);
            prop_assert!((top..=bottom).contains(&y), "{y} beside {item:?}");
            // The end of an oval is round.
            let round = if matches!(item.what, What::Operation(_)) { item.height / 2.0 } else { SLACK };
            prop_assert!((x - left).abs().min((x - right).abs()) <= round, "{x} at a border of {item:?}");
        }
        for (x, y) in along(&drawn.path) {
            for (_, item) in &placed.items {
                let (left, top, right, bottom) = of_item(item);
                let round = if matches!(item.what, What::Operation(_)) { item.height / 2.0 } else { SLACK };
                let inside = x > left + round && x < right - round && y > top + SLACK && y < bottom - SLACK;
                prop_assert!(!inside, "a wire of node {} crosses {item:?}", wire.node);
            }
        }
    }
    Ok(())
}

fn all_of(graph: &Graph, scene: &Scene) -> Result<(), TestCaseError> {
    let shown: HashSet<_> =
        scene.planes.iter().flat_map(|plane| &plane.items).map(|item| item.what).collect();
    for node in 0..graph.nodes.len() {
        prop_assert!(shown.contains(&What::Node(node)));
    }
    for edge in 0..graph.edges.len() {
        let wires = scene.planes.iter().flat_map(|plane| &plane.wires);
        prop_assert!(wires.filter(|wire| wire.edges.contains(&edge)).count() > 0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_whichever_groups_are_open(
        operands in prop::collection::vec(prop::collection::vec(any::<Index>(), 0..4), 1..28),
        ranges in prop::collection::vec(any::<(Index, Index)>(), 0..6),
        insides in prop::collection::vec((any::<Index>(), 1_usize..5), 0..3),
        open in prop::collection::vec(any::<bool>(), 9),
    ) {
        let graph = graph(&operands, &ranges, &insides);
        let scene = Scene::of(&graph, &sizes(&graph));
        all_of(&graph, &scene)?;
        let groups = graph.groups.len();
        for open in [vec![false; groups], vec![true; groups], open[..groups].to_vec()] {
            let placed = compose(&scene, &open);
            check_items(&scene, &placed)?;
            check_wires(&scene, &placed)?;
        }
        prop_assert_eq!(&scene, &Scene::of(&graph, &sizes(&graph)), "the same input, the same places");
    }
}

/// A group whose nodes lie around another node would make a circle of the two: it is laid out nevertheless.
#[test]
fn a_circle_of_groups_is_laid_out() {
    let mut graph = graph(&[vec![], vec![], vec![], vec![]], &[], &[]);
    graph.groups.push(group_in(None));
    for (at, node) in graph.nodes.iter_mut().enumerate().skip(1) {
        node.operation = "op".into();
        node.group = (at != 2).then_some(0);
    }
    graph.edges = vec![edge(0, 1), edge(1, 2), edge(2, 3)];
    let scene = Scene::of(&graph, &sizes(&graph));
    for open in [false, true] {
        check_items(&scene, &compose(&scene, &[open])).unwrap();
    }
}

#[test]
fn nothing_at_all_has_a_place_too() {
    let graph = graph(&[], &[], &[]);
    let scene = Scene::of(&graph, &sizes(&graph));
    assert!(compose(&scene, &[]).items.is_empty());
}

#[test]
fn what_stood_left_or_above_stays_so_when_a_group_opens() {
    let chain: Vec<Vec<Index>> = (0..12).map(|_| Vec::new()).collect();
    let mut graph = graph(&chain, &[], &[]);
    for at in 1..12 {
        graph.nodes[at].operation = "op".into();
        graph.edges.push(edge(at - 1, at));
        graph.edges.push(edge(at / 3, at));
    }
    graph.groups.push(group_in(None));
    for at in 4..8 {
        graph.nodes[at].group = Some(0);
    }
    let scene = Scene::of(&graph, &sizes(&graph));
    let (closed, open) = (compose(&scene, &[false]), compose(&scene, &[true]));
    let places = |placed: &Placed| -> Vec<(What, f64, f64)> {
        placed
            .items
            .iter()
            .chain(&[])
            .filter(|(plane, _)| *plane == 0)
            .map(|(_, item)| (item.what, item.x, item.y))
            .collect()
    };
    let (before, after) = (places(&closed), places(&open));
    assert!(after.len() > 8);
    for &(a, x, y) in &after {
        let &(_, x0, y0) = before.iter().find(|item| item.0 == a).unwrap();
        for &(b, other_x, other_y) in &after {
            let &(_, other_x0, other_y0) = before.iter().find(|item| item.0 == b).unwrap();
            assert!(x0 >= other_x0 || x <= other_x, "{a:?} {b:?}");
            assert!(y0 >= other_y0 || y <= other_y, "{a:?} {b:?}");
        }
    }
}

/// Not a measurement: a bound that a layout with a bad order of growth breaks by far.
#[test]
fn large_graphs_are_laid_out_soon() {
    let flat = |count: usize| -> Graph {
        let mut graph = graph(&vec![Vec::new(); count], &[], &[]);
        for at in 1..count {
            graph.nodes[at].operation = "op".into();
            graph.edges.push(edge(at - 1, at));
            graph.edges.push(edge(at - 1 - (at * 7919) % at.min(9), at));
        }
        graph
    };
    let start = Instant::now();
    let wide = flat(400);
    Scene::of(&wide, &sizes(&wide));
    let wide = start.elapsed();
    let mut grouped = flat(10_000);
    for at in 0..10_000 {
        grouped.nodes[at].group = Some(7 + at / 40);
    }
    grouped.groups =
        (0..7).map(|_| group_in(None)).chain((0..250).map(|at| group_in(Some(at / 40)))).collect();
    let start = Instant::now();
    Scene::of(&grouped, &sizes(&grouped));
    println!("400 side by side: {wide:?}; 10,000 in groups: {:?}", start.elapsed());
    assert!(wide.as_secs() < 20 && start.elapsed().as_secs() < 60);
}

//! A place for every item of a plane, and a path for every wire.
//!
//! Columns stand side by side, each as wide as the widest thing in it, and ways bend only in the gaps between them: so no
//! way crosses a card, whatever stands there.

use std::rc::Rc;

use super::lanes::{Lanes, Seen, Way};
use super::ranks::Order;
use super::{Plane, What, rows};

/// Around what lies in a plane.
const MARGIN: f64 = 20.0;
/// The height of the title of a group.
pub(crate) const TITLE: f64 = 30.0;
/// Between an oval and its card.
pub(super) const LINK: f64 = 24.0;
/// Between two tracks: at least, at most, and how much for each unit of the greatest bend there.
const GAP: (f64, f64, f64) = (16.0, 96.0, 0.2);
/// How far apart ways arrive, if there is room.
const PORT: f64 = 14.0;

/// What the place of a plane depends on, besides its items and wires.
pub(super) struct Frame {
    /// The least size: of the closed card, and of the title.
    pub least: (f64, f64),
    /// Whether it has a title.
    pub titled: bool,
}

/// Things that stand in one column, one behind the other.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub oval: Option<usize>,
    pub card: usize,
}

/// Gives everything in a plane its place. `oval(node)` is what stands before the card of a node.
pub(super) fn place(plane: &mut Plane, frame: &Frame, seen: &mut Seen, oval: impl Fn(usize) -> What) {
    let (blocks, block_of) = blocks(plane, oval);
    match rows::chain(plane, &blocks, &block_of) {
        Some(chain) => rows::stand(plane, &blocks, &block_of, &chain),
        None => columns(plane, &blocks, &block_of, seen),
    }
    link(plane, &block_of);
    fit(plane, frame);
}

/// What is no chain stands in columns.
fn columns(plane: &mut Plane, blocks: &[Block], block_of: &[usize], seen: &mut Seen) {
    let ways: Vec<_> = (0..plane.wires.len())
        .filter(|&wire| block_of[plane.wires[wire].from] != block_of[plane.wires[wire].to])
        .collect();
    let lanes = run(plane, blocks, block_of, &ways, seen);
    let ports = Ports::new(plane, block_of, &ways, &lanes);
    let tracks = tracks(plane, blocks, block_of, &ways, &lanes, &ports);
    stand(plane, blocks, &lanes, &tracks);
    for (way, &wire) in ways.iter().enumerate() {
        lay(plane, wire, block_of, &lanes, (&lanes.ways[way], ports.of[way]), &tracks);
    }
}

/// An oval with its card, or anything else by itself; and in which block each item is.
fn blocks(plane: &Plane, oval: impl Fn(usize) -> What) -> (Vec<Block>, Vec<usize>) {
    let place: std::collections::HashMap<_, _> =
        plane.items.iter().enumerate().map(|(at, item)| (item.what, at)).collect();
    let mut block_of = vec![usize::MAX; plane.items.len()];
    let mut ovals = vec![None; plane.items.len()];
    for (at, item) in plane.items.iter().enumerate() {
        if let What::Node(node) = item.what {
            ovals[at] = place.get(&oval(node)).copied();
        }
    }
    let behind: std::collections::HashSet<_> = ovals.iter().flatten().copied().collect();
    let mut blocks = Vec::new();
    for card in (0..plane.items.len()).filter(|at| !behind.contains(at)) {
        block_of[card] = blocks.len();
        if let Some(oval) = ovals[card] {
            block_of[oval] = blocks.len();
        }
        blocks.push(Block { oval: ovals[card], card });
    }
    (blocks, block_of)
}

/// Columns and heights.
fn run(plane: &Plane, blocks: &[Block], block_of: &[usize], ways: &[usize], seen: &mut Seen) -> Rc<Lanes> {
    let gate = |block: &Block, side: bool| matches!(plane.items[block.card].what, What::Gate { enters, .. } if enters == side);
    let mut order = Order {
        outs: vec![Vec::new(); blocks.len()],
        ins: vec![Vec::new(); blocks.len()],
        first: blocks.iter().map(|block| gate(block, true)).collect(),
        last: blocks.iter().map(|block| gate(block, false)).collect(),
    };
    let way = |&wire: &usize| {
        let wire = &plane.wires[wire];
        Way { from: block_of[wire.from], to: block_of[wire.to], label: wire.label.map(|room| room.height) }
    };
    let ways: Vec<_> = ways.iter().map(way).collect();
    for way in &ways {
        order.outs[way.from].push(way.to);
        order.ins[way.to].push(way.from);
    }
    let extent = |block: &Block| {
        let oval = block.oval.map_or(0.0, |oval| plane.items[oval].height);
        oval.max(plane.items[block.card].height)
    };
    seen.lanes(&order.columns(), &blocks.iter().map(extent).collect::<Vec<_>>(), &ways)
}

/// How far above or below the middle of its two ends each way begins and arrives.
struct Ports {
    of: Vec<(f64, f64)>,
}

impl Ports {
    /// What arrives at an item arrives apart, from above to below in the order in which it comes; what leaves a group
    /// leaves apart for each node; what leaves a card or a gate is one value, and leaves together.
    fn new(plane: &Plane, block_of: &[usize], ways: &[usize], lanes: &Lanes) -> Self {
        let mut ends: Vec<Vec<(f64, usize)>> = vec![Vec::new(); plane.items.len()];
        let mut starts = ends.clone();
        for (way, &wire) in ways.iter().enumerate() {
            let wire = &plane.wires[wire];
            let heights = &lanes.ways[way];
            let (mut near, mut far) = (heights.first(), heights.last());
            if lanes.tracks[block_of[wire.from]] > lanes.tracks[block_of[wire.to]] {
                (near, far) = (far, near);
            }
            starts[wire.from].push((near.copied().unwrap_or(0.0), way));
            ends[wire.to].push((far.copied().unwrap_or(0.0), way));
        }
        let mut of = vec![(0.0, 0.0); ways.len()];
        for (item, (mut starts, mut ends)) in starts.into_iter().zip(ends).enumerate() {
            let room = plane.items[item].height - PORT;
            let offset = |at: usize, count: usize| {
                let step = PORT.min(room / (count.max(2) - 1) as f64).max(0.0);
                step * (at as f64 - (count - 1) as f64 / 2.0)
            };
            ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (at, &(_, way)) in ends.iter().enumerate() {
                of[way].1 = offset(at, ends.len());
            }
            if !matches!(plane.items[item].what, What::Group(_)) {
                continue;
            }
            starts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut nodes: Vec<usize> = Vec::new();
            for &(_, way) in &starts {
                let node = plane.wires[ways[way]].node;
                if !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
            for &(_, way) in &starts {
                let node = plane.wires[ways[way]].node;
                let at = nodes.iter().position(|&other| other == node).unwrap_or(0);
                of[way].0 = offset(at, nodes.len());
            }
        }
        Self { of }
    }
}

/// Where the tracks begin and end; and within a track, where the ovals end and the cards begin.
struct Tracks {
    of: Vec<Track>,
}

#[derive(Clone, Copy, Default)]
struct Track {
    left: f64,
    ovals: f64,
    cards: f64,
    right: f64,
}

fn tracks(
    plane: &Plane,
    blocks: &[Block],
    block_of: &[usize],
    ways: &[usize],
    lanes: &Lanes,
    ports: &Ports,
) -> Tracks {
    let count = lanes.tracks.iter().copied().max().unwrap_or(0) + 1;
    let (mut ovals, mut cards, mut bends) =
        (vec![0.0_f64; count], vec![0.0_f64; count], vec![0.0_f64; count]);
    for (block, &track) in blocks.iter().zip(&lanes.tracks) {
        ovals[track] = ovals[track].max(block.oval.map_or(0.0, |oval| plane.items[oval].width));
        cards[track] = cards[track].max(plane.items[block.card].width);
    }
    for (way, &wire) in ways.iter().enumerate() {
        let wire = &plane.wires[wire];
        let (from, to) = (block_of[wire.from], block_of[wire.to]);
        let (mut left, mut right) = ((from, ports.of[way].0), (to, ports.of[way].1));
        if lanes.tracks[from] > lanes.tracks[to] {
            (left, right) = (right, left);
        }
        if let Some(room) = wire.label {
            let track = lanes.tracks[right.0] - 1;
            cards[track] = cards[track].max(room.width);
        }
        let (first, last) = (lanes.heights[left.0] + left.1, lanes.heights[right.0] + right.1);
        let mut height = first;
        for (step, &next) in lanes.ways[way].iter().chain([&last]).enumerate() {
            let gap = &mut bends[lanes.tracks[left.0] + step];
            *gap = gap.max((next - height).abs());
            height = next;
        }
    }
    let mut x = 0.0;
    let mut of = Vec::with_capacity(count);
    for track in 0..count {
        let link = if ovals[track] > 0.0 { LINK } else { 0.0 };
        let end = x + ovals[track];
        let right = end + link + cards[track];
        of.push(Track { left: x, ovals: end, cards: end + link, right });
        x = right + (GAP.0 + GAP.2 * bends[track]).min(GAP.1);
    }
    Tracks { of }
}

/// Ovals and cards stand in the middle of their half of the column.
fn stand(plane: &mut Plane, blocks: &[Block], lanes: &Lanes, tracks: &Tracks) {
    for (block, (&track, &height)) in blocks.iter().zip(lanes.tracks.iter().zip(&lanes.heights)) {
        let track = tracks.of[track];
        let card = &mut plane.items[block.card];
        (card.x, card.y) = (f64::midpoint(track.cards, track.right), height);
        if let Some(oval) = block.oval {
            let oval = &mut plane.items[oval];
            (oval.x, oval.y) = (f64::midpoint(track.left, track.ovals), height);
        }
    }
}

/// The path of a wire from one column to another, and the room for what is written along it.
fn lay(
    plane: &mut Plane,
    wire: usize,
    block_of: &[usize],
    lanes: &Lanes,
    (heights, ports): (&[f64], (f64, f64)),
    tracks: &Tracks,
) {
    let (from, to) = (plane.wires[wire].from, plane.wires[wire].to);
    let ends = (lanes.tracks[block_of[from]], lanes.tracks[block_of[to]]);
    let back = ends.0 > ends.1;
    let (left, right) = if back {
        ((to, ends.1, ports.1), (from, ends.0, ports.0))
    } else {
        ((from, ends.0, ports.0), (to, ends.1, ports.1))
    };
    let (start, end) = (plane.items[left.0], plane.items[right.0]);
    let (first, last) = (start.y + left.2, end.y + right.2);
    let mut path = vec![(start.x + start.reach(left.2), first), (tracks.of[left.1].right, first)];
    for (track, &height) in tracks.of[left.1 + 1..right.1].iter().zip(heights) {
        path.push((track.left, height));
        if track.right > track.left {
            path.push((track.right, height));
        }
    }
    path.extend([(tracks.of[right.1].left, last), (end.x - end.reach(right.2), last)]);
    if back {
        path.reverse();
    }
    let wire = &mut plane.wires[wire];
    wire.path = path;
    if let (Some(room), Some(&height)) = (&mut wire.label, heights.last()) {
        let track = tracks.of[right.1 - 1];
        (room.x, room.y) = (f64::midpoint(track.left, track.right), height);
    }
}

/// The short wires between an oval and its card.
fn link(plane: &mut Plane, block_of: &[usize]) {
    for wire in plane.wires.iter_mut().filter(|wire| block_of[wire.from] == block_of[wire.to]) {
        let (from, to) = (plane.items[wire.from], plane.items[wire.to]);
        let (start, end) = (from.x + from.width / 2.0, to.x - to.width / 2.0);
        let third = (end - start) / 3.0;
        wire.path = [start, start + third, end - third, end].map(|x| (x, from.y)).into();
    }
}

/// Moves all into the frame, and the gates to its borders.
fn fit(plane: &mut Plane, frame: &Frame) {
    let mut bounds = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut hold = |x: f64, y: f64, width: f64, height: f64| {
        bounds.0 = bounds.0.min(x - width / 2.0);
        bounds.1 = bounds.1.min(y - height / 2.0);
        bounds.2 = bounds.2.max(x + width / 2.0);
        bounds.3 = bounds.3.max(y + height / 2.0);
    };
    for item in &plane.items {
        hold(item.x, item.y, item.width, item.height);
    }
    for wire in &plane.wires {
        wire.path.iter().for_each(|&(x, y)| hold(x, y, 0.0, 0.0));
        if let Some(room) = wire.label {
            hold(room.x, room.y, room.width, room.height);
        }
    }
    if plane.items.is_empty() {
        bounds = (0.0, 0.0, 0.0, 0.0);
    }
    let title = if frame.titled { TITLE } else { MARGIN };
    let size = (bounds.2 - bounds.0, bounds.3 - bounds.1);
    plane.width = (size.0 + 2.0 * MARGIN).max(frame.least.0);
    plane.height = (size.1 + title + MARGIN).max(frame.least.1);
    let right = f64::midpoint(plane.width, -size.0) - bounds.0;
    let down = f64::midpoint(plane.height + title - MARGIN, -size.1) - bounds.1;
    for item in &mut plane.items {
        item.x += right;
        item.y += down;
    }
    for wire in &mut plane.wires {
        wire.path.iter_mut().for_each(|(x, y)| (*x, *y) = (*x + right, *y + down));
        if let Some(room) = &mut wire.label {
            (room.x, room.y) = (room.x + right, room.y + down);
        }
    }
    let width = plane.width;
    for item in &mut plane.items {
        if let What::Gate { enters, .. } = item.what {
            item.x = if enters { item.width / 2.0 } else { width - item.width / 2.0 };
        }
    }
    for wire in &mut plane.wires {
        let (from, to) = (plane.items[wire.from], plane.items[wire.to]);
        if let (What::Gate { .. }, Some(first)) = (from.what, wire.path.first_mut()) {
            first.0 = from.x + from.width / 2.0;
        }
        if let (What::Gate { .. }, Some(last)) = (to.what, wire.path.last_mut()) {
            last.0 = to.x - to.width / 2.0;
        }
    }
}

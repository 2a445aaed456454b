//! A chain of groups as the lines of a text, one below the other: what opens is a line of its own, and the whole is no
//! wider than the widest of them.

use super::place::{Block, LINK};
use super::{Plane, What};

/// Between two lines, without what is written there.
const GAP: f64 = 44.0;
/// How far beyond the widest line the ways turn back.
const TURN: f64 = 24.0;
/// So many groups make a chain worth it.
const GROUPS: usize = 3;

/// The blocks of a plane in their order, gates left out, where each leads to the next alone; `None` where it is otherwise,
/// or where there are few groups.
pub(super) fn chain(plane: &Plane, blocks: &[Block], block_of: &[usize]) -> Option<Vec<usize>> {
    let what = |block: usize| plane.items[blocks[block].card].what;
    let gate = |block: usize| matches!(what(block), What::Gate { .. });
    let mut next: Vec<Option<usize>> = vec![None; blocks.len()];
    let mut begins: Vec<bool> = (0..blocks.len()).map(|block| !gate(block)).collect();
    let ends = plane.wires.iter().map(|wire| (block_of[wire.from], block_of[wire.to]));
    for (from, to) in ends.filter(|(from, to)| from != to) {
        let taken = next[from].replace(to).is_some();
        if taken || (!gate(from) && !gate(to) && !std::mem::take(&mut begins[to])) {
            return None;
        }
    }
    let first = begins.iter().position(|&begins| begins)?;
    let along = std::iter::successors(Some(first), |&block| next[block].filter(|&block| !gate(block)));
    let chain: Vec<_> = along.take(blocks.len()).collect();
    let groups = chain.iter().filter(|&&block| matches!(what(block), What::Group(_))).count();
    let gates: Vec<_> = (0..blocks.len()).filter(|&block| gate(block)).collect();
    // What comes in comes to the first line, what goes out goes from the last one.
    let at_ends = gates.iter().all(|&gate| match next[gate] {
        Some(to) => to == first,
        None => chain.last().is_some_and(|&last| next[last] == Some(gate)),
    });
    (groups >= GROUPS && gates.len() <= 2 && at_ends && chain.len() + gates.len() == blocks.len())
        .then_some(chain)
}

/// Gives the blocks of a chain their places, and the ways between them their paths: out to the right, back between the
/// lines, and in from the left.
pub(super) fn stand(plane: &mut Plane, blocks: &[Block], block_of: &[usize], chain: &[usize]) {
    let mut before: Vec<Option<usize>> = vec![None; blocks.len()];
    for (index, wire) in plane.wires.iter().enumerate() {
        let (from, to) = (block_of[wire.from], block_of[wire.to]);
        if from != to {
            before[to] = Some(index);
        }
    }
    let (mut down, mut widest) = (0.0_f64, 0.0_f64);
    let mut between = Vec::with_capacity(chain.len());
    for (line, &block) in chain.iter().enumerate() {
        let Block { oval, card } = blocks[block];
        let label = before[block].and_then(|wire| plane.wires[wire].label).filter(|_| line > 0);
        let gap = if line == 0 { 0.0 } else { GAP + label.map_or(0.0, |room| room.height) };
        between.push(down + gap / 2.0);
        let before_card = oval.map_or(0.0, |oval| plane.items[oval].width + LINK);
        let width = before_card + plane.items[card].width;
        let height = oval.map_or(0.0, |oval| plane.items[oval].height).max(plane.items[card].height);
        let middle = down + gap + height / 2.0;
        for (item, left) in oval.map(|oval| (oval, 0.0)).into_iter().chain([(card, before_card)]) {
            let item = &mut plane.items[item];
            (item.x, item.y) = (left + (item.width - width) / 2.0, middle);
        }
        down += gap + height;
        widest = widest.max(width).max(label.map_or(0.0, |room| room.width));
    }
    let side = widest / 2.0 + TURN;
    let ends =
        [chain.first(), chain.last()].map(|end| end.map_or(0.0, |&end| plane.items[blocks[end].card].y));
    for item in &mut plane.items {
        if let What::Gate { enters, .. } = item.what {
            let out = side + item.width / 2.0;
            (item.x, item.y) = if enters { (-out, ends[0]) } else { (out, ends[1]) };
        }
    }
    let mut line_of = vec![None; blocks.len()];
    chain.iter().enumerate().for_each(|(line, &block)| line_of[block] = Some(line));
    for wire in &mut plane.wires {
        let (from, to) = (plane.items[wire.from], plane.items[wire.to]);
        let [start, end] = [from.x + from.width / 2.0, to.x - to.width / 2.0];
        match (line_of[block_of[wire.from]], line_of[block_of[wire.to]]) {
            (Some(above), Some(below)) if above != below => {
                let back = between[below];
                wire.path = vec![
                    (start, from.y),
                    (side, from.y),
                    (side, back),
                    (-side, back),
                    (-side, to.y),
                    (end, to.y),
                ];
                if let Some(room) = &mut wire.label {
                    (room.x, room.y) = (0.0, back);
                }
            }
            (None, Some(_)) | (Some(_), None) => {
                let third = (end - start) / 3.0;
                wire.path = [start, start + third, end - third, end].map(|x| (x, to.y)).into();
                if let Some(room) = &mut wire.label {
                    (room.x, room.y) = (f64::midpoint(start, end), to.y);
                }
            }
            _ => {}
        }
    }
}

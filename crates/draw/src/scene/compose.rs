//! Opening groups makes room: from planes to places in the whole.
//!
//! The sum, which the page does as well in its script:
//!
//! 1. A group that is open, and lies in none that is closed, is as large as its plane when *that* has its own open groups
//!    in it.
//! 2. In a plane, the interval from the left to the right border of such a group's card is stretched to the width that it
//!    needs; where intervals lie over one another, the greater factor counts; all else keeps its width. This is one
//!    increasing map for x, piecewise linear, and in the same way one for y.
//! 3. The centre of everything moves by these two maps, without a change of its size, and so do the points of wires. The
//!    first two points of a wire move up or down with the item it comes from, the last two with the item it leads to; the
//!    very first and the very last move with it sideways too.
//! 4. Where that item is a group that is open, it is the gate of the wire's node, on the outside; the middle of the
//!    border where it has no such gate.
//! 5. A frame is as large as (1) says, around the centre of its group.

use super::{Item, Plane, Room, Scene, What, Wire};

/// A scene with some of its groups open, all in the coordinates of the whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    pub width: f64,
    pub height: f64,
    /// The groups that are open, each after that in which it lies.
    pub frames: Vec<Item>,
    /// All else, each with the plane that it is in.
    pub items: Vec<(usize, Item)>,
    pub wires: Vec<Drawn>,
}

/// A wire of a [`Placed`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawn {
    /// The plane that it is in, and its index there.
    pub plane: usize,
    pub wire: usize,
    pub path: Vec<(f64, f64)>,
    pub label: Option<Room>,
}

/// Where everything lies when these groups are open.
pub(crate) fn compose(scene: &Scene, open: &[bool]) -> Placed {
    let order = visible(scene, open);
    let mut rooms: Vec<Option<Stretched>> = scene.planes.iter().map(|_| None).collect();
    // What lies within has its size first.
    for &plane in order.iter().rev() {
        rooms[plane] = Some(Stretched::new(&scene.planes[plane], &rooms));
    }
    let mut corners = vec![(0.0, 0.0); scene.planes.len()];
    let whole = rooms[0].as_ref().map_or((0.0, 0.0), |room| room.size);
    let mut placed =
        Placed { width: whole.0, height: whole.1, frames: Vec::new(), items: Vec::new(), wires: Vec::new() };
    for &at in &order {
        let (plane, corner) = (&scene.planes[at], corners[at]);
        let Some(room) = &rooms[at] else { continue };
        let mut items = Vec::with_capacity(plane.items.len());
        for item in &plane.items {
            let (x, y) = room.to((item.x, item.y), corner);
            let mut item = Item { x, y, ..*item };
            match inside(item.what).and_then(|inner| Some((inner, rooms[inner].as_ref()?))) {
                Some((inner, stretched)) => {
                    (item.width, item.height) = stretched.size;
                    corners[inner] = (x - item.width / 2.0, y - item.height / 2.0);
                    placed.frames.push(item);
                }
                None => placed.items.push((at, item)),
            }
            items.push(item);
        }
        // A gate of the right border moves out with it.
        let end = |item: usize, wire: &Wire, enters: bool| -> (f64, f64) {
            let (before, now) = (&plane.items[item], &items[item]);
            let side = if enters { -0.5 } else { 0.5 };
            let Some(inner) = inside(now.what).filter(|&inner| rooms[inner].is_some()) else {
                let point = if enters { wire.path[wire.path.len() - 1] } else { wire.path[0] };
                return (now.x + point.0 - before.x, now.y + point.1 - before.y);
            };
            let gate = What::Gate { node: wire.node, enters };
            let gate = scene.planes[inner].items.iter().find(|item| item.what == gate);
            let stretched = rooms[inner].as_ref();
            let height = gate
                .zip(stretched)
                .map_or(now.y, |(gate, stretched)| stretched.to((gate.x, gate.y), corners[inner]).1);
            (now.x + side * now.width, height)
        };
        for (index, wire) in plane.wires.iter().enumerate() {
            let mut path: Vec<_> = wire.path.iter().map(|&point| room.to(point, corner)).collect();
            let (first, last) = (end(wire.from, wire, false), end(wire.to, wire, true));
            if let [start, second, .., last_but_one, finish] = &mut path[..] {
                (*start, *finish) = (first, last);
                (second.1, last_but_one.1) = (first.1, last.1);
            }
            let label = wire.label.map(|label| {
                let (x, y) = room.to((label.x, label.y), corner);
                Room { x, y, ..label }
            });
            placed.wires.push(Drawn { plane: at, wire: index, path, label });
        }
    }
    placed
}

/// The planes that are to be seen, each after that in which it lies.
pub(super) fn visible(scene: &Scene, open: &[bool]) -> Vec<usize> {
    let (mut order, mut at) = (vec![0], 0);
    while let Some(&plane) = order.get(at) {
        let inner = scene.planes[plane].items.iter().filter_map(|item| inside(item.what));
        order.extend(inner.filter(|&inner| open[inner - 1]));
        at += 1;
    }
    order
}

/// The plane inside a group.
fn inside(what: What) -> Option<usize> {
    match what {
        What::Group(group) => Some(group + 1),
        _ => None,
    }
}

/// A plane with room for what is open in it.
struct Stretched {
    x: Stretch,
    y: Stretch,
    size: (f64, f64),
}

impl Stretched {
    fn new(plane: &Plane, inner: &[Option<Stretched>]) -> Self {
        let open =
            plane.items.iter().filter_map(|item| Some((item, inner[inside(item.what)?].as_ref()?.size)));
        let (mut across, mut down) = (Vec::new(), Vec::new());
        for (item, size) in open {
            across.push((item.x - item.width / 2.0, item.x + item.width / 2.0, size.0 / item.width));
            down.push((item.y - item.height / 2.0, item.y + item.height / 2.0, size.1 / item.height));
        }
        let (x, y) = (Stretch::new(&across), Stretch::new(&down));
        let size = (x.of(plane.width), y.of(plane.height));
        Self { x, y, size }
    }

    fn to(&self, point: (f64, f64), corner: (f64, f64)) -> (f64, f64) {
        (corner.0 + self.x.of(point.0), corner.1 + self.y.of(point.1))
    }
}

/// An increasing map, piecewise linear, that brings nothing closer together.
struct Stretch {
    /// From where on, to where it maps, and with which factor: the last that begins before a number counts.
    pieces: Vec<(f64, f64, f64)>,
}

impl Stretch {
    /// Intervals (from, to, factor).
    fn new(intervals: &[(f64, f64, f64)]) -> Self {
        let mut breaks: Vec<f64> = intervals.iter().flat_map(|&(from, to, _)| [from, to]).collect();
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        let mut pieces = vec![(0.0, 0.0, 1.0)];
        for from in breaks {
            let over = intervals.iter().filter(|interval| interval.0 <= from && from < interval.1);
            let factor = over.map(|interval| interval.2).fold(1.0, f64::max);
            let last = pieces[pieces.len() - 1];
            pieces.push((from, last.1 + (from - last.0) * last.2, factor));
        }
        Self { pieces }
    }

    fn of(&self, value: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.0 <= value);
        let piece = self.pieces[after.max(1) - 1];
        piece.1 + (value - piece.0) * piece.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_widens_the_intervals_and_nothing_else() {
        let stretch = Stretch::new(&[(10.0, 20.0, 3.0), (15.0, 25.0, 2.0), (40.0, 50.0, 1.5)]);
        let mapped = [0.0, 10.0, 15.0, 20.0, 25.0, 40.0, 50.0, 60.0].map(|x| stretch.of(x));
        assert_eq!(mapped, [0.0, 10.0, 25.0, 40.0, 50.0, 65.0, 80.0, 90.0]);
    }
}

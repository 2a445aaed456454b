// Opening groups makes room: the same sum as that of the crate that made this page (its module `scene::compose` says
// why, and a test compares the two).

/** An increasing map, piecewise linear: intervals of [from, to, factor] are stretched, all else keeps its width. */
function stretch(intervals) {
  const breaks = [...new Set(intervals.flatMap(([from, to]) => [from, to]))].sort((a, b) => a - b);
  const pieces = [[0, 0, 1]];
  for (const from of breaks) {
    const over = intervals.filter(interval => interval[0] <= from && from < interval[1]);
    const last = pieces.at(-1);
    pieces.push([from, last[1] + (from - last[0]) * last[2], Math.max(1, ...over.map(interval => interval[2]))]);
  }
  return value => {
    let [low, high] = [0, pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pieces[middle][0] <= value) low = middle + 1;
      else high = middle;
    }
    const [from, to, factor] = pieces[Math.max(1, low) - 1];
    return to + (value - from) * factor;
  };
}

const innerPlane = what => (what.group === undefined ? null : what.group + 1);

/** A plane with room for what is open in it; `rooms` are the planes within it. */
function stretched(plane, rooms) {
  const inner = plane.items.filter(item => rooms.has(innerPlane(item.what)));
  const interval = (centre, size, needed) => [centre - size / 2, centre + size / 2, needed / size];
  const x = stretch(inner.map(item => interval(item.x, item.width, rooms.get(innerPlane(item.what)).width)));
  const y = stretch(inner.map(item => interval(item.y, item.height, rooms.get(innerPlane(item.what)).height)));
  return { x, y, width: x(plane.width), height: y(plane.height) };
}

/** Where everything lies when these groups are open, in the coordinates of the whole. */
function compose({ planes }, open) {
  const order = [0];
  for (let at = 0; at < order.length; at += 1) {
    for (const { what } of planes[order[at]].items) {
      if (innerPlane(what) !== null && open[what.group]) order.push(innerPlane(what));
    }
  }
  const rooms = new Map();
  for (const plane of order.toReversed()) rooms.set(plane, stretched(planes[plane], rooms));
  const corners = new Map([[0, [0, 0]]]);
  const placed = { width: rooms.get(0).width, height: rooms.get(0).height, frames: [], items: [], wires: [] };
  for (const at of order) {
    const [plane, room, [left, top]] = [planes[at], rooms.get(at), corners.get(at)];
    const move = ([x, y]) => [left + room.x(x), top + room.y(y)];
    const items = plane.items.map((item, index) => {
      const [x, y] = move([item.x, item.y]);
      const inner = rooms.get(innerPlane(item.what));
      const { width, height } = inner ?? item;
      const now = { what: item.what, plane: at, index, x, y, width, height };
      if (inner) corners.set(innerPlane(item.what), [x - width / 2, y - height / 2]);
      (inner ? placed.frames : placed.items).push(now);
      return now;
    });
    const end = (index, wire, enters) => {
      const [before, now] = [plane.items[index], items[index]];
      const inside = innerPlane(now.what);
      const inner = rooms.get(inside);
      if (!inner) {
        const [x, y] = enters ? wire.path.at(-1) : wire.path[0];
        return [now.x + x - before.x, now.y + y - before.y];
      }
      const gate = planes[inside].items.find(({ what }) => what.gate?.node === wire.node && what.gate.enters === enters);
      return [now.x + (enters ? -0.5 : 0.5) * now.width, gate ? corners.get(inside)[1] + inner.y(gate.y) : now.y];
    };
    plane.wires.forEach((wire, index) => {
      const path = wire.path.map(move);
      const [first, last] = [end(wire.from, wire, false), end(wire.to, wire, true)];
      if (path.length >= 4) {
        path[0] = first;
        path[path.length - 1] = last;
        path[1][1] = first[1];
        path.at(-2)[1] = last[1];
      }
      const label = wire.label ? move([wire.label.x, wire.label.y]) : null;
      placed.wires.push({ plane: at, index, wire, path, label });
    });
  }
  return placed;
}

const round = number => Math.round(number * 100) / 100;

/** How far a turn goes beyond its ends. */
const TURN = 20;

/** A way through points: straight between two of the same height, a turn to a point right below, else an S with level ends. */
function wirePath(points) {
  let text = `M${round(points[0][0])} ${round(points[0][1])}`;
  for (let at = 1; at < points.length; at += 1) {
    const [[x0, y0], [x1, y1]] = [points[at - 1], points[at]];
    const turn = round(x0) === round(x1) ? TURN * (x0 < points[at - 2]?.[0] ? -1 : 1) : 0;
    const middle = round((x0 + x1) / 2 + turn);
    text += Math.abs(y0 - y1) < 0.01 ? `H${round(x1)}` : `C${middle} ${round(y0)} ${middle} ${round(y1)} ${round(x1)} ${round(y1)}`;
  }
  return text;
}

// The picture: which cards, wires and frames are drawn, and where.

const stage = (() => {
  const svg = find('stage').querySelector('svg');
  // How much is drawn at most when all groups are opened at once; what is still closed then opens one by one.
  const plenty = 1200;
  const layers = {};
  const parts = new Map();
  const drawn = new Map();
  let placed = null;
  let places = new Map();

  // What colours and signs mean stays, in a corner.
  const legend = svg.querySelector('.legend');
  if (legend) {
    const corner = document.createElementNS(svg.namespaceURI, 'svg');
    corner.setAttribute('class', 'graph legend');
    corner.setAttribute('aria-hidden', 'true');
    corner.append(legend);
    svg.after(corner);
    // Measured where it is as large as life.
    const { x, width } = legend.getBBox();
    const size = { viewBox: `0 0 ${x + width + 12} 24`, width: x + width + 12, height: 24 };
    for (const [name, value] of Object.entries(size)) corner.setAttribute(name, value);
  }

  // The picture that was there before the script is drawn anew from its parts, so that they can move.
  for (const old of svg.querySelectorAll(':scope > :not(style, title, desc, defs)')) old.remove();
  svg.querySelectorAll(':scope > title').forEach(old => old.remove());
  svg.removeAttribute('aria-labelledby');
  svg.setAttribute('role', 'group');
  svg.setAttribute('tabindex', '-1');
  for (const name of ['frames', 'wires', 'labels', 'items']) {
    layers[name] = document.createElementNS(svg.namespaceURI, 'g');
    layers[name].dataset.layer = name;
    svg.append(layers[name]);
  }

  /** The parts of a plane, read when it is first needed: items, labels of wires, the frame around. */
  function part(plane, kind, index) {
    if (!parts.has(plane)) {
      const root = new DOMParser().parseFromString(data.parts[plane], 'image/svg+xml').documentElement;
      parts.set(plane, Object.fromEntries([...root.children].map(it => [it.getAttribute('class'), it.children])));
    }
    return document.importNode(parts.get(plane)[kind][index], true);
  }

  const shape = (name, attributes) => {
    const made = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  /** A wire, with a broad one that cannot be seen over it for the pointer. */
  function wireElement({ plane, wire }) {
    const quiet = data.output !== null && wire.edges.length && wire.edges.every(edge => edges[edge].down === null);
    const made = shape('g', { class: quiet ? 'wire quiet' : 'wire' });
    made.append(shape('path', { class: 'hit' }), shape('path', { class: 'line' }));
    if (!data.scene.planes[plane].items[wire.to].what.gate) made.append(shape('path', { class: 'head' }));
    return made;
  }

  function moveWire(made, path) {
    const way = wirePath(path);
    const [[before], [x, y]] = [path.at(-2), path.at(-1)];
    made.querySelectorAll('.hit, .line').forEach(it => it.setAttribute('d', way));
    made.querySelector('.head')?.setAttribute('d', `M${round(x)} ${round(y)}l${before > x ? 8 : -8} -4v8Z`);
  }

  /** A frame was written in the size of its plane, around its middle. */
  function sizeFrame(made, { what, width, height }) {
    const own = data.scene.planes[what.group + 1];
    const [right, down] = [(width - own.width) / 2, (height - own.height) / 2];
    for (const it of made.children) {
      if (it.localName === 'rect') {
        for (const [name, value] of Object.entries({ x: -width / 2, y: -height / 2, width, height })) it.setAttribute(name, round(value));
      } else it.style.translate = `${it.classList.contains('end') ? right : -right}px ${-down}px`;
    }
  }

  const keyOf = (what, opened = false) => {
    if (what.node !== undefined) return `n${what.node}`;
    if (what.operation !== undefined) return `o${what.operation}`;
    if (what.group !== undefined) return `${opened ? 'f' : 'g'}${what.group}`;
    return null; // a gate, of which there may be many for one node
  };

  /** What is not drawn yet is made, all is put in its place, and what is gone is removed. */
  function draw(kept = null) {
    const before = kept === null ? null : corner(kept);
    placed = compose(data.scene, open);
    places = new Map();
    const put = (key, layer, at, create) => {
      if (!drawn.has(key)) {
        const made = create();
        made.dataset.key = key;
        layers[layer].append(made);
        drawn.set(key, made);
      }
      places.set(key, at);
      return drawn.get(key);
    };
    const move = (element, x, y) => element.setAttribute('transform', `translate(${round(x)} ${round(y)})`);
    for (const frame of placed.frames) {
      const made = put(keyOf(frame.what, true), 'frames', frame, () => part(frame.what.group + 1, 'frame', 0));
      move(made, frame.x, frame.y);
      sizeFrame(made, frame);
    }
    for (const item of placed.items) {
      const key = keyOf(item.what) ?? `t${item.plane}-${item.index}`;
      move(put(key, 'items', item, () => part(item.plane, 'items', item.index)), item.x, item.y);
    }
    for (const wire of placed.wires) {
      const key = `${wire.plane}-${wire.index}`;
      moveWire(put(`w${key}`, 'wires', wire, () => wireElement(wire)), wire.path);
      if (wire.label) move(put(`l${key}`, 'labels', wire, () => part(wire.plane, 'labels', wire.index)), ...wire.label);
    }
    for (const [key, element] of drawn) {
      if (places.has(key)) continue;
      element.remove();
      drawn.delete(key);
    }
    svg.setAttribute('aria-label', `Graph of ${plural(nodes.length, 'node')}`);
    map.renew(placed);
    camera.resize(placed.width, placed.height, before, kept === null ? null : corner(kept));
    focus.renew(placed, drawn, keyOf);
  }

  /** The upper left corner of a group, open or closed. */
  function corner(group) {
    const at = places.get(`f${group}`) ?? places.get(`g${group}`);
    return at ? { x: at.x - at.width / 2, y: at.y - at.height / 2 } : null;
  }

  function changed(kept) {
    draw(kept);
    walk.replan();
  }

  /** Opens a group, or closes it; the groups around it open as well. */
  function toggle(group, want = !open[group]) {
    const held = focus.held();
    if (want) around(group).forEach(it => { open[it] = true; });
    open[group] = want;
    details.hideTip();
    changed(group);
    if (held) focus.on(want ? `f${group}` : `g${group}`);
  }

  function setOpen(wanted) {
    wanted.forEach((want, group) => { open[group] = want; });
    changed(null);
  }

  /** All groups, or none; of very many only the outer ones. */
  function setAll(want) {
    if (!want) return setOpen(groups.map(() => false));
    const wanted = groups.map(() => false);
    let drawnThen = data.scene.planes[0].items.length;
    for (let level = [...groups.keys()].filter(it => groups[it].parent === null); level.length;) {
      for (const group of level) {
        const more = data.scene.planes[group + 1].items.length;
        if (drawnThen + more > plenty) continue;
        drawnThen += more;
        wanted[group] = true;
      }
      level = [...groups.keys()].filter(it => groups[it].parent !== null && !wanted[it] && level.includes(groups[it].parent) && wanted[groups[it].parent]);
    }
    return setOpen(wanted);
  }

  /** A box around some of what is drawn. */
  function boxOf(keys) {
    const all = keys.map(key => places.get(key)).filter(Boolean).map(at => (at.path
      ? { left: Math.min(...at.path.map(it => it[0])), right: Math.max(...at.path.map(it => it[0])), top: Math.min(...at.path.map(it => it[1])), bottom: Math.max(...at.path.map(it => it[1])) }
      : { left: at.x - at.width / 2, right: at.x + at.width / 2, top: at.y - at.height / 2, bottom: at.y + at.height / 2 }));
    if (!all.length) return null;
    const [left, top] = [Math.min(...all.map(it => it.left)), Math.min(...all.map(it => it.top))];
    const [right, bottom] = [Math.max(...all.map(it => it.right)), Math.max(...all.map(it => it.bottom))];
    return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
  }

  /** Shows a node: opens what it lies in, brings it into the window and tells all of it. */
  function goTo(node) {
    const closed = around(nodes[node].group).filter(group => !open[group]);
    if (closed.length) {
      closed.forEach(group => { open[group] = true; });
      changed(closed[0]);
    }
    tables.toggle(false);
    camera.visit(boxOf([`n${node}`]));
    focus.on(`n${node}`);
    details.choose({ node });
  }

  return { draw, toggle, setOpen, setAll, goTo, boxOf, drawn, at: key => places.get(key), svg };
})();

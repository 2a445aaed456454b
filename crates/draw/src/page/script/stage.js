// The picture: which cards, wires and frames are drawn, where they stand, and what is lit in it.

const stage = (() => {
  const SVG = 'http://www.w3.org/2000/svg';
  const box = find('stage');
  const svg = box.querySelector('svg');
  // How much is drawn at most when all groups are opened at once; a click opens more.
  const plenty = 1500;

  // The picture that was there before is drawn anew from its parts, so that they can move.
  svg.querySelectorAll('[data-layer]').forEach(layer => layer.remove());
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-roledescription', 'graph');
  const layers = {};
  for (const name of ['frames', 'wires', 'labels', 'items']) {
    layers[name] = document.createElementNS(SVG, 'g');
    layers[name].dataset.layer = name;
    svg.append(layers[name]);
  }

  /** The parts of each plane, read when it is first needed. */
  const parts = new Map();
  function partsOf(plane) {
    if (!parts.has(plane)) {
      const text = find(`plane-${plane}`).textContent;
      const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      parts.set(plane, [...root.children].map(group => [...group.children]));
    }
    return parts.get(plane);
  }

  const drawn = new Map();
  let placed = null;
  let marks = { step: null, known: null };
  let stop = null;

  function element(key, layer, create) {
    if (!drawn.has(key)) {
      const made = create();
      made.dataset.key = key;
      layers[layer].append(made);
      drawn.set(key, made);
    }
    return drawn.get(key);
  }

  /** Everything anew where it belongs; what is already there is moved. */
  function draw(kept = null) {
    const before = kept && placed ? placed.at(kept) : null;
    placed = compose(data.scene, open);
    const keep = new Set();
    const put = (key, layer, create, x, y) => {
      keep.add(key);
      const made = element(key, layer, create);
      made.setAttribute('transform', `translate(${round(x)} ${round(y)})`);
      return made;
    };
    for (const frame of placed.frames) {
      const made = put(`f${frame.group}`, 'frames', () => frameOf(frame.group), frame.x, frame.y);
      sizeFrame(made, frame);
    }
    for (const item of placed.items) {
      if (item.key) put(item.key, 'items', () => itemOf(item), item.x, item.y);
    }
    for (const wire of placed.wires) {
      keep.add(wire.key);
      const made = element(wire.key, 'wires', () => wireOf(wire));
      made.querySelectorAll('path').forEach(path => path.setAttribute('d', wirePath(wire.path)));
      if (wire.label) put(`l${wire.key}`, 'labels', () => labelOf(wire), wire.label.x, wire.label.y);
    }
    for (const [key, made] of drawn) {
      if (keep.has(key)) continue;
      made.remove();
      drawn.delete(key);
    }
    camera.resize(placed.width, placed.height, before, kept ? placed.at(kept) : null);
    svg.setAttribute('aria-label', `Graph: ${plural(placed.items.length, 'thing')}`);
    rove();
    mark(marks.step, marks.known);
  }
  return { draw };
})();

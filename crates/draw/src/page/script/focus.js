// The keyboard in the graph: one stop of the Tab key, and arrows along the edges.

const focus = (() => {
  const held = () => document.activeElement?.closest('#stage [data-key]') ?? null;
  let links = [];
  let stops = new Map();
  let current = null;
  let previous = null; // what had the focus before
  let origin = null; // and the last of that which was no edge

  /** After the picture has changed: what can be reached from where. */
  function renew(placed, drawn, keyOf) {
    stops = drawn;
    const opened = new Set(placed.frames.map(frame => frame.what.group));
    // Ovals belong to their cards, and gates to the frame whose border they are in.
    const stop = (plane, index) => {
      const { what } = data.scene.planes[plane].items[index];
      if (what.operation !== undefined) return `n${what.operation}`;
      return what.gate ? `f${plane - 1}` : keyOf(what, opened.has(what.group));
    };
    links = placed.wires.map(({ plane, index, wire }) => ({
      from: stop(plane, wire.from), to: stop(plane, wire.to), plane, via: wire.edges.length ? `w${plane}-${index}` : null,
    })).filter(link => link.from !== link.to || link.via);
    for (const [key, element] of drawn) {
      if (!/^[ngfw]/.test(key) || (key[0] === 'w' && !stage.at(key).wire.edges.length)) continue;
      element.setAttribute('tabindex', '-1');
      if (key[0] === 'w') {
        element.setAttribute('role', 'img');
        const { from, to } = edges[stage.at(key).wire.edges[0]];
        element.setAttribute('aria-label', `edge from ${title(from)} to ${title(to)}`);
      } else {
        element.setAttribute('role', 'button');
        if (key[0] === 'n') continue;
        const group = Number(key.slice(1));
        element.setAttribute('aria-label', groups[group].name);
        element.setAttribute('aria-expanded', open[group]);
      }
    }
    if (!stops.has(current)) current = [...stops.keys()].find(key => /^[ng]/.test(key)) ?? null;
    stops.get(current)?.setAttribute('tabindex', '0');
  }

  function on(key) {
    if (!stops.has(key)) return;
    stops.get(current)?.setAttribute('tabindex', '-1');
    if (current !== null && current[0] !== 'w') origin = current;
    previous = current;
    current = key;
    stops.get(key).setAttribute('tabindex', '0');
    stops.get(key).focus({ preventScroll: true });
  }

  /** The way against the arrows, and the way along them. */
  function along(direction) {
    const [near, far] = direction < 0 ? ['to', 'from'] : ['from', 'to'];
    if (current[0] === 'w') return links.find(it => it.via === current)[far];
    const ways = links.filter(link => link[near] === current);
    // Through the border of an open group: on to the other side of it than where the way came from.
    const came = current[0] === 'f' ? links.find(link => link.via === previous || link.from === previous || link.to === previous) : null;
    const way = (came && ways.find(link => link.plane !== came.plane)) ?? ways[0];
    return way ? way.via ?? way[far] : null;
  }

  /** The next of the ways from, or to, what was left; or what stands above or below. */
  function beside(direction) {
    if (current[0] === 'w') {
      const link = links.find(it => it.via === current);
      const end = link.from === origin ? 'from' : 'to';
      const ways = links.filter(it => it.via && it[end] === link[end]);
      return ways.at((ways.indexOf(link) + direction) % ways.length).via;
    }
    const here = stage.boxOf([current]);
    const others = [...stops.keys()].filter(key => /^[ngf]/.test(key) && key !== current).map(key => ({ key, box: stage.boxOf([key]) }));
    const ahead = others.filter(({ box }) => (box.y - here.y) * direction > 1);
    const distance = ({ box }) => Math.abs(box.y - here.y) + 3 * Math.abs(box.x - here.x);
    return ahead.sort((a, b) => distance(a) - distance(b))[0]?.key ?? null;
  }

  const moves = { ArrowLeft: () => along(-1), ArrowRight: () => along(1), ArrowUp: () => beside(-1), ArrowDown: () => beside(1) };
  // Who came by the mouse steps with the arrows; who came by Tab walks along the edges.
  let byKeys = false;
  addEventListener('keydown', event => { if (event.key === 'Tab') byKeys = true; }, true);
  addEventListener('pointerdown', () => { byKeys = false; }, true);
  stage.svg.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !held()) return;
    if (event.key === 'Enter') activate(held());
    else if (moves[event.key] && byKeys) {
      const next = moves[event.key]();
      if (next) {
        on(next);
        camera.reveal(stage.boxOf([next]));
      }
    } else return;
    event.preventDefault();
  });

  /** What a key stands for. */
  function what(element) {
    const key = element.dataset.key;
    if (key[0] === 'n' || key[0] === 'o') return { node: Number(key.slice(1)) };
    if (key[0] === 'g' || key[0] === 'f') return { group: Number(key.slice(1)) };
    if (key[0] === 't') return { node: data.scene.planes[stage.at(key).plane].items[stage.at(key).index].what.gate.node };
    const { wire } = stage.at(key);
    return wire.edges.length ? { edge: wire.edges[0] } : { node: wire.node };
  }

  function activate(element) {
    const it = what(element);
    if (it.group !== undefined) stage.toggle(it.group);
    else details.choose(it);
  }

  return { renew, on, what, activate, held };
})();

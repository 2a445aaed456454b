// Pan and zoom: the part of the graph that is in the window.

const camera = (() => {
  const stage = find('stage');
  const svg = stage.querySelector('svg');
  const limits = [0.02, 8];
  const readable = 0.55;
  let all = { width: 1, height: 1 };
  let x = 0, y = 0, scale = 1;
  let fitted = true;
  let asked = false; // whether the reader wants to see the whole

  let watcher = () => {};

  const size = () => stage.getBoundingClientRect();

  function show() {
    const { width, height } = size();
    if (!width || !height) return;
    svg.setAttribute('viewBox', `${x} ${y} ${width / scale} ${height / scale}`);
    watcher({ x, y, width: width / scale, height: height / scale, whole: all });
  }

  const whole = () => Math.min(1.25, (size().width - 24) / all.width, (size().height - 24) / all.height);

  /** The whole graph, not larger than life. */
  function fit() {
    const { width, height } = size();
    if (!width || !height) return;
    scale = Math.max(limits[0], whole());
    x = (all.width - width / scale) / 2;
    y = (all.height - height / scale) / 2;
    fitted = true;
    show();
  }

  /** The whole graph if it can be read then; else its beginning. */
  function home() {
    const { width, height } = size();
    if (!width || !height) return;
    fit();
    if (asked || scale >= readable) return;
    scale = readable;
    x = -12 / scale;
    y = (all.height - height / scale) / 2;
    fitted = true;
    show();
  }

  /** What lies at a point of the window stays there. */
  function zoom(factor, at) {
    asked = false;
    const box = size();
    const px = at ? at.x - box.x : box.width / 2;
    const py = at ? at.y - box.y : box.height / 2;
    const next = Math.max(limits[0], Math.min(limits[1], scale * factor));
    x += px / scale - px / next;
    y += py / scale - py / next;
    scale = next;
    fitted = false;
    show();
  }

  function pan(dx, dy) {
    x -= dx / scale;
    y -= dy / scale;
    fitted = false;
    show();
  }

  /** Moves as little as brings a box into the window. */
  function reveal(box) {
    if (!box) return;
    const { width, height } = size();
    const margin = 24 / scale;
    const near = (start, length, low, high) => (high - low > length ? (low + high - length) / 2 : Math.min(Math.max(start, high - length), low));
    const to = [near(x, width / scale, box.x - box.width / 2 - margin, box.x + box.width / 2 + margin),
      near(y, height / scale, box.y - box.height / 2 - margin, box.y + box.height / 2 + margin)];
    if (Math.abs(to[0] - x) < 0.5 && Math.abs(to[1] - y) < 0.5) return;
    [x, y] = to;
    fitted = false;
    show();
  }

  /** The same for a step, unless the reader wants to see the whole. */
  function follow(box) {
    if (!(fitted && asked)) reveal(box);
  }

  /** A box in the middle, large enough to be read. */
  function visit(box) {
    scale = Math.max(scale, 0.8);
    centre(box);
  }

  function centre(box) {
    const { width, height } = size();
    x = box.x - width / scale / 2;
    y = box.y - height / scale / 2;
    fitted = false;
    show();
  }

  /** Another size of the whole; a point of it that was at `from` is now at `to`, and stays where the reader sees it. */
  function resize(width, height, from, to) {
    all = { width, height };
    if (fitted || !from) return home();
    x += to.x - from.x;
    y += to.y - from.y;
    return show();
  }

  const touches = new Map();
  let moved = 0;
  const spread = () => {
    const [a, b] = [...touches.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) };
  };
  svg.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved = 0;
  });
  addEventListener('pointermove', event => {
    const last = touches.get(event.pointerId);
    if (!last) return;
    const before = touches.size === 2 ? spread() : null;
    touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const dx = event.clientX - last.x, dy = event.clientY - last.y;
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved < 4) return;
    stage.classList.add('dragged');
    if (before) {
      const after = spread();
      pan(after.x - before.x, after.y - before.y);
      if (before.length > 0) zoom(after.length / before.length, after);
    } else if (touches.size === 1) pan(dx, dy);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    addEventListener(end, event => {
      touches.delete(event.pointerId);
      if (touches.size === 0) stage.classList.remove('dragged');
    });
  }
  // A drag that ends on a card is no click on it.
  svg.addEventListener('click', event => { if (moved >= 4) event.stopPropagation(); }, true);
  svg.addEventListener('wheel', event => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (event.shiftKey && !event.ctrlKey) pan(-event.deltaY * unit, 0);
    else zoom(Math.exp(-Math.max(-300, Math.min(300, event.deltaY * unit)) * (event.ctrlKey ? 0.01 : 0.002)),
      { x: event.clientX, y: event.clientY });
  }, { passive: false });
  new ResizeObserver(() => (fitted ? home() : show())).observe(stage);
  // Paper shows the whole, whatever the window did.
  addEventListener('beforeprint', () => svg.setAttribute('viewBox', `0 0 ${all.width} ${all.height}`));
  addEventListener('afterprint', show);
  find('zoom-in').addEventListener('click', () => zoom(1.25));
  find('zoom-out').addEventListener('click', () => zoom(0.8));
  const fitAsAsked = () => {
    asked = true;
    fit();
  };
  find('zoom-fit').addEventListener('click', fitAsAsked);
  return { fit: fitAsAsked, zoom, reveal, follow, visit, centre, resize, watch: then => { watcher = then; } };
})();

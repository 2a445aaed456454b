// A small map of the whole while only a part of it is in the window, and where that part is.

const map = (() => {
  const box = find('map');
  const [whole, view] = box.children;
  const canvas = whole.getContext('2d');
  let scale = 1;

  /** Draws the whole anew. */
  function renew(placed) {
    const room = find('stage').getBoundingClientRect();
    scale = Math.min(Math.max(200, room.width * 0.4) / placed.width, 120 / placed.height);
    const [width, height] = [placed.width * scale, placed.height * scale];
    const dense = devicePixelRatio || 1;
    [whole.width, whole.height] = [Math.max(1, width * dense), Math.max(1, height * dense)];
    [whole.style.width, whole.style.height] = [`${width}px`, `${height}px`];
    canvas.setTransform(scale * dense, 0, 0, scale * dense, 0, 0);
    // A colour that stands on light and dark paper.
    canvas.fillStyle = 'rgb(130 140 155 / 25%)';
    for (const { x, y, width: across, height: down } of placed.frames) canvas.fillRect(x - across / 2, y - down / 2, across, down);
    canvas.fillStyle = 'rgb(130 140 155 / 90%)';
    for (const { what, x, y, width: across, height: down } of placed.items) {
      if (!what.gate) canvas.fillRect(x - across / 2, y - down / 2, Math.max(across, 1 / scale), Math.max(down, 1 / scale));
    }
  }

  camera.watch(({ x, y, width, height, whole: all }) => {
    box.hidden = x <= 0 && y <= 0 && x + width >= all.width && y + height >= all.height;
    const [left, top] = [Math.max(0, x), Math.max(0, y)];
    const [right, bottom] = [Math.min(all.width, x + width), Math.min(all.height, y + height)];
    Object.assign(view.style, { left: `${left * scale}px`, top: `${top * scale}px`, width: `${Math.max(4, (right - left) * scale)}px`, height: `${Math.max(4, (bottom - top) * scale)}px` });
  });

  const go = event => {
    if (!event.buttons) return;
    const at = whole.getBoundingClientRect();
    camera.centre({ x: (event.clientX - at.x) / scale, y: (event.clientY - at.y) / scale });
  };
  box.addEventListener('pointerdown', event => {
    box.setPointerCapture(event.pointerId);
    go(event);
  });
  box.addEventListener('pointermove', go);
  return { renew };
})();

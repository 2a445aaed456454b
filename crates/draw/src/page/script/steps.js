// Walking through the passes: which step is shown, in the picture, in words and in the address.

const walk = (() => {
  const slider = find('slider');
  const box = find('step');
  let steps = plan();
  let position = null; // between steps: after so many of them; null where every number is shown
  let playing = null;
  let waiting = null;

  const firstOf = pass => steps.findIndex(step => step.pass === pass) + 1;

  function heading() {
    if (position === null) return 'Everything';
    const step = steps[position - 1];
    const begin = firstOf(step.pass);
    const count = steps.filter(other => other.pass === step.pass).length;
    return `${step.pass === 'forward' ? 'Feed-forward' : 'Backward'}: step ${position - begin + 1} of ${count}`;
  }

  function overview() {
    const passes = data.output === null ? 'the feed-forward pass' : 'the feed-forward pass, then the backward pass';
    return [make('p', {}, 'Every number is shown: its value under each node, and its gradient.'),
      steps.length ? make('p', {}, 'Step through ', passes, ' with ', make('kbd', {}, '→'), ' and ', make('kbd', {}, '←'), '.') : null];
  }

  function show() {
    const step = position === null ? null : steps[position - 1];
    const lit = marks.show(step, position === null ? null : knownAfter(steps, position));
    box.querySelector('h2').replaceChildren(heading());
    box.querySelector('div').replaceChildren(...[position === null ? overview() : words(steps, position)].flat(Infinity).filter(Boolean));
    box.dataset.pass = step?.pass ?? '';
    slider.max = steps.length;
    slider.value = position ?? 0;
    slider.setAttribute('aria-valuetext', heading());
    find('position').textContent = position === null ? `${steps.length} steps` : `${position} / ${steps.length}`;
    const passes = slider.parentElement.style;
    passes.setProperty('--turn', `${steps.length ? ((firstOf('backward') || steps.length + 1) - 1) / steps.length * 100 : 100}%`);
    for (const [id, off] of [['first', position === 1], ['back', position === 1], ['next', position === steps.length],
      ['last', position === steps.length], ['backward', !firstOf('backward')], ['all', position === null]]) {
      find(id).setAttribute('aria-disabled', Boolean(off) || !steps.length);
    }
    clearTimeout(waiting);
    // Browsers slow a page down that writes its address too often.
    waiting = setTimeout(note, 250);
    return lit;
  }

  function go(to) {
    if (!steps.length) return;
    position = to === null ? null : Math.max(1, Math.min(steps.length, to));
    details.hideTip();
    const lit = show();
    if (position !== null) camera.follow(stage.boxOf([...lit]));
  }

  /** Other groups are open: the same step, or the one that it became a part of. */
  function replan() {
    const before = position === null ? null : steps[position - 1];
    steps = plan();
    if (before) {
      const shares = step => step.pass === before.pass && (step.key === before.key
        || (step.pass === 'backward' ? step.edges.some(edge => before.edges.includes(edge)) : step.nodes.some(node => before.nodes.includes(node))));
      const same = steps.findIndex(step => step.key === before.key);
      const found = same >= 0 ? same : steps.findIndex(shares);
      position = Math.max(1, found + 1);
    }
    show();
  }

  const next = () => go(position === null ? 1 : position + 1);
  const back = () => go(position === null ? steps.length : position - 1);

  function play() {
    if (playing !== null) return pause();
    if (position === null || position === steps.length) go(1);
    find('play').setAttribute('aria-label', 'Pause');
    find('play').classList.add('playing');
    playing = setInterval(() => {
      if (position === null || position === steps.length) return pause();
      return next();
    }, 1100);
    return undefined;
  }

  function pause() {
    clearInterval(playing);
    playing = null;
    find('play').setAttribute('aria-label', 'Play');
    find('play').classList.remove('playing');
  }

  /** The step and the open groups into the address, so that both can be linked. */
  function note() {
    const parts = [];
    if (position !== null) parts.push(`step=${steps[position - 1].key}`);
    if (open.some((it, group) => it !== data.open[group])) {
      parts.push(`open=${open.flatMap((it, group) => (it ? [group] : [])).join('.')}`);
    }
    const fragment = parts.length ? `#${parts.join('&')}` : '';
    if (fragment !== location.hash) history.replaceState(null, '', fragment || location.pathname + location.search);
  }

  /** What the address says. */
  function recall() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    if (wanted.has('open')) {
      const set = new Set(wanted.get('open').split('.').filter(Boolean).map(Number));
      stage.setOpen(groups.map((_, group) => set.has(group)));
    }
    const found = steps.findIndex(step => step.key === wanted.get('step'));
    if (found >= 0) go(found + 1);
    else show();
  }

  addEventListener('hashchange', recall);
  slider.addEventListener('input', () => go(Number(slider.value) || null));
  const actions = {
    first: () => go(1), back, play, next, last: () => go(steps.length),
    forward: () => go(firstOf('forward') || 1), backward: () => go(firstOf('backward') || steps.length), all: () => go(null),
  };
  for (const [id, action] of Object.entries(actions)) {
    find(id).addEventListener('click', () => {
      if (id !== 'play') pause();
      if (find(id).getAttribute('aria-disabled') !== 'true') action();
    });
  }
  return { ...actions, pause, replan, recall, key: () => (position === null ? null : steps[position - 1].key) };
})();

// The keyboard, and the list of its keys.

{
  const keys = [
    ['→  ←', 'next step, step back (also . and ,)'], ['Home  End', 'first step, last step'], ['Space', 'play, pause'],
    ['f  b', 'first step of the feed-forward pass, of the backward pass'], ['a', 'show every number'],
    ['Tab, then arrows', 'into the graph; then ← → along its edges, ↑ ↓ among neighbours'], ['Enter', 'open or close a group; details of a node'],
    ['/', 'find a node'], ['+  −  0', 'zoom in, zoom out, fit the whole graph'], ['t', 'tables of nodes and edges'],
    ['Escape', 'close what is open; leave the graph'], ['?', 'this list'],
  ];
  const dialog = find('keys');
  dialog.append(make('h2', {}, 'Keys'), make('dl', {}, keys.map(([key, does]) => [make('dt', {}, make('kbd', {}, key)), make('dd', {}, does)])),
    make('button', { onclick: () => dialog.close() }, 'Close'));
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  const help = () => dialog.showModal();
  find('help').addEventListener('click', help);
  find('open-all').addEventListener('click', () => stage.setAll(true));
  find('close-all').addEventListener('click', () => stage.setAll(false));
  if (!groups.length) document.querySelectorAll('.groups').forEach(button => { button.hidden = true; });

  const still = action => () => { walk.pause(); action(); };
  const actions = {
    ArrowRight: still(walk.next), ArrowLeft: still(walk.back), '.': still(walk.next), ',': still(walk.back),
    Home: still(walk.first), End: still(walk.last), ' ': walk.play, f: still(walk.forward), b: still(walk.backward), a: still(walk.all),
    '+': () => camera.zoom(1.25), '=': () => camera.zoom(1.25), '-': () => camera.zoom(0.8), 0: camera.fit,
    '/': () => { find('find').focus(); find('find').select(); }, t: () => tables.toggle(), '?': help,
    Escape: () => { details.hideTip(); walk.pause(); focus.held()?.blur(); },
  };
  addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const target = event.target;
    if (target instanceof HTMLInputElement && target.type === 'search') return;
    // A slider has keys of its own for its values, and a button is pressed by Space.
    if (target === find('slider') && /^(Arrow|Home|End|Page)/.test(event.key)) return;
    if (event.key === ' ' && target instanceof HTMLButtonElement) return;
    if (/^(Home|End| )$/.test(event.key) && target instanceof Element && target.closest('#lists')) return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
}

stage.draw();
walk.recall();
Object.assign(chainrule, { step: walk.key, goTo: stage.goTo, toggle: stage.toggle, setOpen: stage.setOpen });

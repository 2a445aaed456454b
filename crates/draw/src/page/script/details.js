// A node or an edge in full: in the panel for what was chosen, in a tip for what the mouse or the focus is on.

const details = (() => {
  const panel = find('details');
  const tip = find('tip');
  const stageBox = find('stage');

  /** A link to another node of the graph. */
  const link = node => make('button', { class: 'link', onclick: () => stage.goTo(node) }, title(node));
  const list = links => links.flatMap((it, index) => (index ? [', ', it] : [it]));

  function entries(pairs) {
    return make('dl', {}, pairs.filter(pair => pair[1] !== null && pair[1] !== undefined && pair[1] !== '')
      .map(([name, content]) => [make('dt', {}, name), make('dd', {}, content)]));
  }

  function rule(op, known) {
    if (!known) return [];
    return [['computes', prose(known.value)], ['derivative', prose(known.derivative)],
      ['at kinks', known.kinks ? prose(known.kinks) : null]];
  }

  const where = node => (nodes[node].file ? `${nodes[node].file}:${nodes[node].line}` : null);
  const head = node => (nodes[node].formula ? `${title(node)} = ${nodes[node].formula}` : title(node));
  function ofNode(node, brief) {
    const { op, value, gradient, parameters, group } = nodes[node];
    const number = numbers => (brief ? line(numbers) : shown(numbers));
    const known = formulas[nodes[node].rule];
    return entries([
      ['what', brief ? kind(node) : [kind(node), ` ${nodes[node].id}`]],
      ...(brief ? rule(op, known).slice(0, 3) : rule(op, known)),
      ['shape', isScalar(value) ? null : shapeText(value)],
      ['value', number(value)],
      ['gradient', data.output === null ? null : gradient === null ? 'none came' : number(gradient)],
      ['range', brief && !isScalar(value) ? `${value.min} … ${value.max}, ${value.mean} ± ${value.deviation}` : null],
      ['parameters', parameters ? parameters.toLocaleString('en') : null],
      ['made of', brief || !arriving[node].length ? null : list(arriving[node].map(edge => link(edges[edge].from)))],
      ['used by', brief || !leaving[node].length ? null : list(leaving[node].slice(0, 40).map(edge => link(edges[edge].to)))],
      ['within', brief || group === null ? null : around(group).map(it => groups[it].name).join(' › ')],
      ['recorded at', where(node)],
    ]);
  }

  const edgeHead = edge => `${title(edges[edge].from)} → ${title(edges[edge].to)}`;

  function ofEdge(edge) {
    const { from, to, local, down } = edges[edge];
    const upstream = edges[edge].up ?? nodes[to].gradient;
    const out = data.output;
    const formula = localFormulas[edges[edge].rule];
    return entries([
      ['value', line(nodes[from].value)],
      ['local', local?.numbers ? `${partial(to, from)} = ${line(local.numbers)}` : local?.product ?? null],
      ['rule', formula ? make('code', {}, formula) : null],
      ['upstream', upstream === null || out === null ? null : `${partial(out, to)} = ${line(upstream)}`],
      ['downstream', down === null ? null : `${line(down)}${leaving[from].length > 1 ? `, a part of ${partial(out, from)}` : ''}`],
    ]);
  }

  function ofGroup(group) {
    const count = groupMembers[group].length;
    const { parameters, repeated } = groups[group];
    return entries([['holds', plural(count, 'node')], ['parameters', parameters ? parameters.toLocaleString('en') : null],
      ['repeated', repeated > 1 ? `${repeated} times` : null], ['', open[group] ? 'Enter closes it' : 'Enter opens it']]);
  }

  const about = (it, brief) => {
    if (it.node !== undefined) return [head(it.node), ofNode(it.node, brief)];
    return it.edge !== undefined ? [edgeHead(it.edge), ofEdge(it.edge)] : [groups[it.group].name, ofGroup(it.group)];
  };

  /** What is chosen stays in the panel until something else is. */
  function choose(it) {
    const [heading, body] = about(it, false);
    panel.hidden = false;
    panel.querySelector('h2').replaceChildren(heading);
    panel.querySelector('div').replaceChildren(body);
  }

  function showTip(it, box) {
    const [heading, body] = about(it, true);
    tip.replaceChildren(make('strong', {}, heading), body);
    tip.hidden = false;
    const room = stageBox.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(box.x + box.width / 2 - own.width / 2 - room.x, room.width - own.width - 8);
    const below = box.bottom - room.y + 10;
    const above = box.y - room.y - own.height - 10;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below + own.height < room.height || above < 0 ? below : above}px`;
  }

  const hideTip = () => { tip.hidden = true; };
  return { choose, showTip, hideTip };
})();

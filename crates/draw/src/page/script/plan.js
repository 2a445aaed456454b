// The order of the steps: the feed-forward pass node by node, then the backward pass edge by edge. A closed group is one
// step wherever its nodes follow one another on the tape.

/** The group of an opened node that each node lies in, and the nodes within each. */
const openedAround = nodes.map(node => around(node.group).filter(group => groups[group].inside !== null).at(-1) ?? null);
const within = new Map();
openedAround.forEach((group, node) => {
  if (group !== null) within.set(group, [...(within.get(group) ?? []), node]);
});

/** Whether what is inside of a node is part of the picture. */
const unfolded = group => within.has(group) && around(group).every(it => open[it]);

/** The nodes in the order in which they are computed, with what is inside of opened ones. */
function sequence() {
  const order = [];
  const visit = node => {
    const inside = insideOf.get(node);
    if (inside !== undefined && unfolded(inside)) within.get(inside).forEach(visit);
    order.push(node);
  };
  openedAround.forEach((group, node) => { if (group === null) visit(node); });
  return order;
}

const isGiven = node => nodes[node].kind !== 'operation';

/** Runs of nodes that are shown as one. */
function runs(order) {
  const all = [];
  for (const node of order) {
    const group = hiddenIn(node);
    if (group !== null && all.at(-1)?.group === group) all.at(-1).nodes.push(node);
    else all.push({ group, nodes: [node] });
  }
  return all;
}

/** Whether what went over an edge is part of the picture: to an opened node it went by what is inside. */
const counts = edge => {
  const { to, down } = edges[edge];
  const shell = openedAround[to];
  const inside = insideOf.get(to);
  return down !== null && (shell === null || unfolded(shell)) && (inside === undefined || !unfolded(inside));
};

/** All steps, each with what it reveals. */
function plan() {
  const order = sequence();
  const given = order.filter(isGiven);
  const steps = given.length ? [{ pass: 'forward', key: 'given', nodes: given, edges: [] }] : [];
  for (const { group, nodes: run } of runs(order.filter(node => !isGiven(node)))) {
    const leading = run.flatMap(node => arriving[node]);
    steps.push({ pass: 'forward', key: `f${run[0]}`, group, nodes: run, edges: leading });
  }
  if (data.output === null) return steps;
  steps.push({ pass: 'backward', key: 'seed', nodes: [data.output], edges: [] });
  for (const { group, nodes: run } of runs(order.slice().reverse())) {
    const passed = run.flatMap(node => arriving[node]).filter(counts);
    if (group !== null && passed.length) steps.push({ pass: 'backward', key: `b${passed[0]}`, group, nodes: run, edges: passed });
    else for (const edge of passed) steps.push({ pass: 'backward', key: `b${edge}`, group: null, nodes: [], edges: [edge] });
  }
  return steps;
}

/** What is known after some of the steps: values of nodes, edges that a gradient has passed, and nodes to which all of
 * theirs has come. */
function knownAfter(steps, position) {
  const state = { values: new Set(), passed: new Set(), gradients: new Set() };
  const missing = new Map();
  // What an opened node hands on is the result of the last that is inside.
  const complete = node => {
    state.gradients.add(node);
    within.get(insideOf.get(node))?.filter(it => !leaving[it].some(counts)).forEach(it => state.gradients.add(it));
  };
  for (const step of steps) {
    if (step.pass !== 'backward') continue;
    for (const edge of step.edges) missing.set(edges[edge].from, (missing.get(edges[edge].from) ?? 0) + 1);
  }
  steps.slice(0, position).forEach(step => {
    if (step.pass === 'forward') step.nodes.forEach(node => state.values.add(node));
    if (step.key === 'seed') complete(data.output);
    if (step.pass !== 'backward') return;
    for (const edge of step.edges) {
      const from = edges[edge].from;
      state.passed.add(edge);
      missing.set(from, missing.get(from) - 1);
      if (missing.get(from) === 0) complete(from);
    }
  });
  return state;
}

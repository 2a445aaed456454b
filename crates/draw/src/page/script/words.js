// A step in words and formulas. Every number is text of the record.

/** `z = x × y = 2 × 3 = 6` */
function computed(node) {
  const { formula, filled, value } = nodes[node];
  const parts = [title(node), formula || nodes[node].op];
  if (filled) parts.push(filled);
  if (isScalar(value)) parts.push(scalarText(value));
  return make('p', { class: 'formula' }, parts.join(' = '));
}

/** A number, or an array, with what it is called. */
const named = (name, numbers) => make('figure', {}, make('figcaption', {}, name), shown(numbers));
const sign = text => make('span', { class: 'sign', 'aria-hidden': 'true' }, text);
const partial = (above, below) => `∂${title(above)}/∂${title(below)}`;

function givenStep(step) {
  const variables = step.nodes.filter(node => nodes[node].kind === 'leaf');
  const counted = [[variables.length, 'variable'], [step.nodes.length - variables.length, 'constant']];
  const text = counted.filter(([count]) => count).map(([count, word]) => plural(count, word)).join(' and ');
  const listed = step.nodes.filter(node => hiddenIn(node) === null).slice(0, 12);
  return [make('p', {}, `Given: ${text}.`),
    make('ul', { class: 'given' }, listed.map(node => make('li', {}, `${title(node)} = ${line(nodes[node].value)}`))),
    step.nodes.length > listed.length ? make('p', { class: 'more' }, `and ${step.nodes.length - listed.length} more`) : null];
}

function nodeStep(node) {
  const { value } = nodes[node];
  const rule = formulas[nodes[node].rule];
  const operands = arriving[node].map(edge => edges[edge].from);
  const scalar = isScalar(value) && operands.every(operand => isScalar(nodes[operand].value));
  return [computed(node), rule ? make('p', {}, prose(rule.value)) : null,
    scalar ? null : make('div', { class: 'figures' },
      operands.map(operand => named(title(operand), nodes[operand].value)), sign('→'), named(title(node), value))];
}

function groupStep(step) {
  const inside = new Set(step.nodes);
  const results = step.nodes.filter(node => node === data.output || leaving[node].some(edge => !inside.has(edges[edge].to)));
  return [make('p', {}, `${groups[step.group].name} computes ${plural(step.nodes.length, 'node')}.`),
    make('div', { class: 'figures' }, results.slice(0, 3).map(node => named(title(node), nodes[node].value))),
    make('p', { class: 'more' }, 'Open it to see each.')];
}

function seedStep() {
  const { gradient } = nodes[data.output];
  return [make('p', { class: 'formula' }, `${partial(data.output, data.output)} = ${line(gradient)}`),
    make('p', {}, 'The backward pass begins at the output: if it changes by a little, it changes by just that.')];
}

/** What has come to a node so far, where it comes in several parts. */
function contributions(steps, position, edge) {
  const { from, sum } = edges[edge];
  const all = steps.flatMap(step => (step.pass === 'backward' ? step.edges : [])).filter(other => edges[other].from === from);
  if (all.length < 2) return null;
  const seen = steps.slice(0, position).flatMap(step => (step.pass === 'backward' ? step.edges : []));
  const parts = all.filter(other => seen.includes(other));
  const done = parts.length === all.length;
  const head = `${title(from)} is used ${all.length} times: its gradient is the sum of ${all.length} contributions.`;
  // Sums on the way were made for opened nodes as they are when closed.
  const total = done ? nodes[from].gradient : all.every(other => openedAround[edges[other].to] === null) ? sum : null;
  const texts = parts.map(part => edges[part].down);
  if (texts.every(isScalar) && parts.length <= 12) {
    const added = texts.map((text, index) => (index ? signed(scalarText(text)) : scalarText(text))).join(' + ');
    const result = parts.length > 1 && total ? ` = ${scalarText(total)}` : '';
    return [make('p', {}, `${head} ${done ? 'This is the last:' : 'So far:'}`),
      make('p', { class: 'formula sum' }, `${added}${result}${done ? '' : ' + …'}`)];
  }
  return [make('p', {}, `${head} This is ${done ? 'the last' : `number ${parts.length}`}.`),
    total ? make('div', { class: 'figures' }, named(done ? partial(data.output, from) : 'so far', total)) : null];
}

function edgeStep(steps, position, edge) {
  const { from, to, local, down } = edges[edge];
  const upstream = edges[edge].up ?? nodes[to].gradient;
  const out = data.output;
  const several = leaving[from].filter(counts).length > 1;
  const names = `${several ? '' : `${partial(out, from)} = `}${partial(to, from)} × ${partial(out, to)}`;
  const sum = contributions(steps, position, edge);
  const rule = formulas[nodes[to].rule];
  const derivative = localFormulas[edges[edge].rule] ?? rule?.derivative;
  const scalars = local?.numbers && [local.numbers, upstream, down].every(isScalar);
  const numbers = scalars ? [local.numbers, upstream, down].map(scalarText) : null;
  return [make('p', { class: 'formula' },
    scalars ? `${names} = ${signed(numbers[0])} × ${signed(numbers[1])} = ${numbers[2]}` : names),
  make('p', {}, `From ${title(to)} back to ${title(from)}: local derivative times what came from above.`),
  scalars ? null : make('div', { class: 'figures' },
    local?.numbers ? [named(partial(to, from), local.numbers), sign('×')] : null,
    named(partial(out, to), upstream), sign(local?.product ? '→' : '='), named(`to ${title(from)}`, down)),
  derivative ? make('p', { class: 'rule' }, `${nodes[to].op}: `, prose(rule.value), ' ', prose(derivative)) : null, sum];
}

function groupBackStep(step) {
  const inside = new Set(step.nodes);
  const sent = new Map();
  for (const edge of step.edges.filter(it => !inside.has(edges[it].from))) {
    sent.set(edges[edge].from, [...(sent.get(edges[edge].from) ?? []), edge]);
  }
  const figures = [...sent].slice(0, 6).map(([node, parts]) => (parts.length === 1 ? named(`to ${title(node)}`, edges[parts[0]].down)
    : named(`to ${title(node)}`, plural(parts.length, 'contribution'))));
  return [make('p', {}, `Back through ${groups[step.group].name}, over ${plural(step.edges.length, 'edge')}.`),
    make('div', { class: 'figures' }, figures), make('p', { class: 'more' }, 'Open it to see each.')];
}

/** What a step says. */
function words(steps, position) {
  const step = steps[position - 1];
  if (step.key === 'given') return givenStep(step);
  if (step.key === 'seed') return seedStep();
  if (step.group !== null) return step.pass === 'forward' ? groupStep(step) : groupBackStep(step);
  return step.pass === 'forward' ? nodeStep(step.nodes[0]) : edgeStep(steps, position, step.edges[0]);
}

// How numbers look: a scalar as text, a few as a matrix, many as what can be said of them.

/** How many numbers, at most, are worth a matrix of their own beside others. */
const few = numbers => numbers.values && numbers.values.length <= 36 && (numbers.shape.at(-1) ?? 1) <= 8;

const isScalar = numbers => typeof numbers === 'string' || Array.isArray(numbers);
const scalarText = numbers => (Array.isArray(numbers) ? numbers[0] : numbers);
const exactText = numbers => (Array.isArray(numbers) ? numbers[1] : scalarText(numbers));
const shapeText = numbers => (isScalar(numbers) ? 'scalar' : `[${numbers.shape.join(', ')}]`);

/** On one line: `6`, `[2, 3] norm 1.4`. */
function line(numbers) {
  if (numbers === null || numbers === undefined) return 'none';
  if (isScalar(numbers)) return scalarText(numbers);
  const { values, shape, norm } = numbers;
  if (values && shape.length === 1 && values.length <= 6) return `[${values.join(', ')}]`;
  return `${shapeText(numbers)}, norm ${norm}`;
}

/** The rows of an array: its last axis runs along a row. */
function rows({ shape, values }) {
  const width = shape.at(-1) || 1;
  const all = [];
  for (let at = 0; at < values.length; at += width) all.push(values.slice(at, at + width));
  return all;
}

/** As a matrix in brackets. A gap stands between the matrices of an array of more axes. */
function matrix(numbers) {
  const height = numbers.shape.at(-2) ?? 1;
  const body = rows(numbers).map((row, index) => make('tr',
    { class: numbers.shape.length > 2 && index > 0 && index % height === 0 ? 'gap' : null },
    row.map(value => make('td', { class: /NaN|∞/.test(value) ? 'broken' : null }, value))));
  return make('div', { class: 'matrix', role: 'img', 'aria-label': `${shapeText(numbers)}: ${numbers.values.join(', ')}` },
    make('table', { role: 'presentation' }, make('tbody', {}, body)));
}

/** What can be said of many numbers. */
function statistics(numbers) {
  const rows = [['mean', `${numbers.mean} ± ${numbers.deviation}`], ['range', `${numbers.min} … ${numbers.max}`],
    ['norm', numbers.norm], ['zeros', numbers.zeros ? `${numbers.zeros} of ${numbers.count}` : null],
    ['not finite', numbers.broken ? `${numbers.broken} of ${numbers.count}` : null]];
  return make('dl', { class: 'statistics' }, rows.filter(row => row[1])
    .map(([name, text]) => [make('dt', {}, name), make('dd', { class: name === 'not finite' ? 'broken' : null }, text)]));
}

/** In the form that shows most. */
function shown(numbers) {
  if (numbers === null || numbers === undefined) return make('span', { class: 'none' }, 'none');
  if (isScalar(numbers)) return make('output', { class: 'scalar', title: exactText(numbers) }, scalarText(numbers));
  return few(numbers) ? matrix(numbers) : statistics(numbers);
}

/** Text in which backticks enclose formulas. */
function prose(text) {
  return text.split('`').map((part, index) => (index % 2 ? make('code', {}, part) : part));
}

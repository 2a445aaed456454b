// What is shown, and how elements are made of it. Names and numbers come in as text and never as markup.

const find = id => document.getElementById(id);

/** What the page was made with: as text, or packed where it is much. */
async function read({ type, textContent }) {
  if (type === 'application/json') return JSON.parse(textContent);
  const bytes = Uint8Array.from(atob(textContent), letter => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
}

const data = await read(find('data'));
find('data').remove();
const { nodes, edges, groups, formulas, localFormulas } = data;

/** An element with attributes and children; `on…` are listeners, what is null is left out. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return element;
}

/** The edges that lead to each node, and those that leave it. */
const arriving = nodes.map(() => []);
const leaving = nodes.map(() => []);
edges.forEach((edge, index) => {
  arriving[edge.to].push(index);
  leaving[edge.from].push(index);
});

/** The group that is the inside of a node, where it has one. */
const insideOf = new Map();
groups.forEach((group, index) => {
  if (group.inside !== null) insideOf.set(group.inside, index);
});

/** Which groups are open. */
const open = data.open.slice();

/** The groups around a node or a group, the outermost first. */
function around(group) {
  const path = [];
  for (let at = group; at !== null; at = groups[at].parent) path.unshift(at);
  return path;
}

/** The nodes in each group, and in the groups within it. */
const groupMembers = groups.map(() => []);
nodes.forEach((node, index) => around(node.group).forEach(group => groupMembers[group].push(index)));

/** The closed group that hides a node: the outermost one that is not open. */
const hiddenIn = node => around(nodes[node].group).find(group => !open[group]) ?? null;

/** What sort of node it is, or its operation. */
function kind(node) {
  const of = nodes[node];
  if (of.kind === 'leaf') return of.parameters ? 'parameter' : 'variable';
  return of.kind === 'constant' ? 'constant' : of.op;
}

const title = node => nodes[node].label;
const plural = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
const signed = text => (/^[−-]/.test(text) ? `(${text})` : text);

// What is shown, and how elements are made of it. Names and numbers come in as text and never as markup.

const find = id => document.getElementById(id);
const data = JSON.parse(find('data').textContent);
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

const title = node => nodes[node].label;
const plural = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
const signed = text => (/^[−-]/.test(text) ? `(${text})` : text);

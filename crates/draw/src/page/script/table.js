// Nodes and edges as tables: the same as the picture, for whoever reads better than sees.

const tables = (() => {
  const section = find('lists');
  const stageBox = find('stage');
  const button = find('tables');
  const chunk = 200;

  /** A number to sort by: of an array its norm. */
  function size(numbers) {
    if (numbers === null || numbers === undefined) return -Infinity;
    const text = isScalar(numbers) ? exactText(numbers) : numbers.norm;
    return Number(text.replaceAll('−', '-').replace('∞', 'Infinity'));
  }

  /** The line, without the folders of its file. */
  function place(node) {
    const { file, line: number } = nodes[node];
    return file ? make('span', { title: file }, `${file.split(/[/\\]/).at(-1)}:${number}`) : '';
  }

  const nodeColumns = [
    { name: 'Node', of: node => make('button', { class: 'link', onclick: () => { toggle(false); stage.goTo(node); } }, title(node)), by: node => node },
    { name: 'Operation', of: node => nodes[node].formula || kind(node), by: node => nodes[node].op },
    { name: 'Shape', of: node => shapeText(nodes[node].value), by: node => shapeText(nodes[node].value) },
    { name: 'Value', of: node => line(nodes[node].value), by: node => size(nodes[node].value), number: true },
    { name: 'Gradient', of: node => line(nodes[node].gradient), by: node => size(nodes[node].gradient), number: true },
    { name: 'Line', of: node => place(node), by: node => `${nodes[node].file}:${String(nodes[node].line).padStart(7, '0')}` },
  ];
  const upstream = edge => edges[edge].up ?? nodes[edges[edge].to].gradient;
  const edgeColumns = [
    { name: 'From', of: edge => title(edges[edge].from), by: edge => edges[edge].from },
    { name: 'To', of: edge => title(edges[edge].to), by: edge => edges[edge].to },
    { name: 'Local', of: edge => (edges[edge].local?.numbers ? line(edges[edge].local.numbers) : edges[edge].local?.product ?? 'none'), by: edge => size(edges[edge].local?.numbers), number: true },
    { name: 'Upstream', of: edge => line(upstream(edge)), by: edge => size(upstream(edge)), number: true },
    { name: 'Downstream', of: edge => line(edges[edge].down), by: edge => size(edges[edge].down), number: true },
  ];

  function table(caption, count, columns) {
    const body = make('tbody');
    const heads = columns.map(column => make('th', { scope: 'col', class: column.number ? 'number' : null },
      make('button', { onclick: () => sort(column) }, column.name)));
    let order = [...Array(count).keys()];
    let down = false;
    let written = 0;
    const rest = make('button', { class: 'rest', onclick: () => write() });
    const row = index => make('tr', {}, columns.map((column, at) => make(at ? 'td' : 'th',
      { scope: at ? null : 'row', class: column.number ? 'number' : null }, column.of(index))));

    function write() {
      body.append(...order.slice(written, written + chunk).map(row));
      written = Math.min(order.length, written + chunk);
      rest.hidden = written === order.length;
      rest.textContent = `${plural(order.length - written, 'more row')}`;
    }

    function sort(column) {
      const head = heads[columns.indexOf(column)];
      down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = index => column.by(index);
      const compare = (a, b) => (a < b ? -1 : a > b ? 1 : Number.isNaN(a) - Number.isNaN(b));
      order = order.slice().sort((a, b) => (down ? -1 : 1) * compare(key(a), key(b)) || a - b);
      body.replaceChildren();
      written = 0;
      write();
    }

    write();
    return make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
      make('table', {}, make('caption', {}, caption), make('thead', {}, make('tr', {}, heads)), body), rest);
  }

  function toggle(want = section.hidden) {
    if (!section.hasChildNodes()) {
      section.append(table(plural(nodes.length, 'node'), nodes.length, nodeColumns), table(plural(edges.length, 'edge'), edges.length, edgeColumns));
    }
    section.hidden = !want;
    stageBox.hidden = want;
    button.setAttribute('aria-pressed', want);
    if (want) section.focus();
  }

  button.addEventListener('click', () => toggle());
  return { toggle };
})();

// Finding a node by its name or operation, and the list of what deserves a look.

{
  const input = find('find');
  const found = find('found');
  const most = 50;
  let active = -1;

  const texts = nodes.map(node => `${node.label} ${node.id} ${node.op} ${node.file}:${node.line}`.toLowerCase());

  function close() {
    found.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function choose(node) {
    close();
    stage.goTo(node);
  }

  function search() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    const hits = [];
    let count = 0;
    texts.forEach((text, node) => {
      if (!words.every(word => text.includes(word))) return;
      count += 1;
      if (hits.length < most) hits.push(node);
    });
    // What is called exactly so comes first.
    const exact = node => (title(node).toLowerCase() === words[0] || nodes[node].op === words[0] ? 0 : 1);
    hits.sort((a, b) => exact(a) - exact(b) || a - b);
    found.replaceChildren(...hits.map((node, index) => make('li', { role: 'option', id: `found-${index}`, 'data-node': node,
      onpointerdown: event => { event.preventDefault(); choose(node); } },
    make('span', {}, title(node)), make('span', { class: 'more' }, nodes[node].formula || kind(node)))));
    if (!count) found.append(make('li', { class: 'more', role: 'option', 'aria-disabled': true }, 'Nothing is called so.'));
    if (count > most) found.append(make('li', { class: 'more', role: 'option', 'aria-disabled': true }, `and ${count - most} more`));
    found.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    return move(hits.length ? 0 : -1);
  }

  function move(to) {
    const options = found.querySelectorAll('[data-node]');
    active = options.length ? (to + options.length) % options.length : -1;
    options.forEach((option, index) => option.setAttribute('aria-selected', index === active));
    if (active < 0) return input.removeAttribute('aria-activedescendant');
    options[active].scrollIntoView({ block: 'nearest' });
    return input.setAttribute('aria-activedescendant', options[active].id);
  }

  input.addEventListener('input', search);
  input.addEventListener('focus', search);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown') move(active + 1);
    else if (event.key === 'ArrowUp') move(active - 1);
    else if (event.key === 'Enter') {
      const option = found.querySelectorAll('[data-node]')[active];
      if (option) choose(Number(option.dataset.node));
    } else if (event.key === 'Escape') {
      if (found.hidden) input.blur();
      close();
    } else return;
    event.preventDefault();
  });

  const box = find('findings');
  const list = box.querySelector('ul');
  let listed = 0;
  function more() {
    const next = data.findings.slice(listed, listed + 20);
    listed += next.length;
    list.append(...next.map(({ node, text }) => make('li', {}, make('button', { class: 'link', onclick: () => stage.goTo(node) }, text))));
    if (listed === data.findings.length) return;
    const button = make('button', { class: 'link more', onclick: () => { button.parentElement.remove(); more(); } }, `${data.findings.length - listed} more`);
    list.append(make('li', {}, button));
  }
  if (data.findings.length) {
    box.hidden = false;
    box.querySelector('h2').textContent = `Worth a look: ${data.findings.length}`;
    more();
  }
}

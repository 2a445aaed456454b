// What a step lights up, and what it leaves hidden until its time has come.

const marks = (() => {
  /** What is drawn of a step: its nodes, their operands, its wires. */
  function lit(step) {
    const keys = new Set();
    const add = node => {
      const group = hiddenIn(node);
      keys.add(group === null ? `n${node}` : `g${group}`);
      if (group === null) keys.add(`o${node}`);
    };
    step.nodes.forEach(add);
    for (const edge of step.edges) {
      add(edges[edge].from);
      if (step.pass === 'backward') add(edges[edge].to);
    }
    return keys;
  }

  function show(step, known) {
    stage.svg.classList.toggle('stepping', known !== null);
    stage.svg.dataset.pass = step?.pass ?? '';
    const keys = step && step.key !== 'given' ? lit(step) : new Set(step?.nodes.map(node => `n${node}`));
    const active = new Set(step?.edges);
    for (const [key, element] of stage.drawn) {
      const index = Number(key.slice(1));
      const mark = (name, on) => element.classList.toggle(name, Boolean(on));
      if (key[0] === 'n' || key[0] === 'o') {
        mark('known', known?.values.has(index));
        mark('graded', known?.gradients.has(index));
        mark('lit', keys.has(key));
      } else if (key[0] === 'g') {
        // The box of a composite operation stands for the oval before a card.
        const made = groups[index].inside;
        mark('known', known && (made === null ? groupMembers[index] : [made]).some(node => known.values.has(node)));
        mark('lit', keys.has(made === null ? key : `o${made}`));
      } else if (key[0] === 'w' || key[0] === 'l') {
        const { plane, wire } = stage.at(key);
        // What leads from an operation to its card carries the card's value.
        const carried = wire.edges.length ? wire.node : data.scene.planes[plane].items[wire.to].what.node ?? wire.node;
        const counted = wire.edges.filter(counts);
        mark('known', known?.values.has(carried));
        mark('passed', known && counted.length && counted.every(edge => known.passed.has(edge)));
        const lighted = wire.edges.some(edge => active.has(edge)) || (!wire.edges.length && keys.has(`o${carried}`));
        // Above those that run the same way for a while; but what has the focus would lose it.
        if (lighted && !element.classList.contains('lit') && document.activeElement !== element) element.parentElement.append(element);
        mark('lit', lighted);
      }
      if (key[0] === 'n') element.setAttribute('aria-label', spoken(index, known));
    }
    return keys;
  }

  /** A node in one sentence, without what is not known yet. */
  function spoken(node, known) {
    const { formula, value, gradient } = nodes[node];
    const parts = [formula ? `${title(node)} = ${formula}` : `${title(node)}, ${kind(node)}`];
    if (!known || known.values.has(node)) parts.push(`value ${line(value)}`);
    if (gradient !== null && (!known || known.gradients.has(node))) parts.push(`gradient ${line(gradient)}`);
    return parts.join(', ');
  }

  return { show };
})();

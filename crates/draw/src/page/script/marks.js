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
        mark('known', known && groupMembers[index].some(node => known.values.has(node)));
        mark('lit', keys.has(key));
      } else if (key[0] === 'w' || key[0] === 'l') {
        const { wire } = stage.at(key);
        const counted = wire.edges.filter(counts);
        mark('known', known?.values.has(wire.node));
        mark('passed', known && counted.length && counted.every(edge => known.passed.has(edge)));
        mark('lit', wire.edges.some(edge => active.has(edge)) || (!wire.edges.length && step?.nodes.includes(wire.node)));
      }
      if (key[0] === 'n') element.setAttribute('aria-label', spoken(index, known));
    }
    return keys;
  }

  /** A node in one sentence, without what is not known yet. */
  function spoken(node, known) {
    const { formula, value, gradient, kind } = nodes[node];
    const parts = [formula ? `${title(node)} = ${formula}` : `${title(node)}, ${kind === 'leaf' ? 'variable' : 'constant'}`];
    if (!known || known.values.has(node)) parts.push(`value ${line(value)}`);
    if (gradient !== null && (!known || known.gradients.has(node))) parts.push(`gradient ${line(gradient)}`);
    return parts.join(', ');
  }

  return { show };
})();

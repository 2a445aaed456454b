// Texts whose contrast to what is behind them is less than WCAG 2 asks for (AA, 4.5 to 1).
(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = colour => {
    if (colour === 'none') return [0, 0, 0, 0];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(it => it / 255)
    .map(it => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4))
    .reduce((sum, it, at) => sum + it * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const shape = at.parentElement?.closest('svg') && [...at.parentElement.children].find(it => /^(rect|ellipse|path)$/.test(it.tagName) && it !== at);
      const colour = rgba(shape ? getComputedStyle(shape).fill : style.backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || /^(SCRIPT|STYLE|TITLE|DESC|NOSCRIPT|title|desc|style)$/.test(element.tagName)) continue;
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('[aria-disabled=true]')) continue;
    const style = getComputedStyle(element);
    const ratio = contrast(rgba(element.closest('svg') ? style.fill : style.color), behind(element));
    if (ratio < 4.5) weak.add(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return [...weak];
})()

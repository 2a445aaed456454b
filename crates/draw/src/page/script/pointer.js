// The mouse and the finger on the picture: tips, and what a click does.

{
  const { svg } = stage;
  const target = event => event.target.closest?.('[data-key]') ?? null;
  let waiting = null;

  const tell = element => details.showTip(focus.what(element), element.getBoundingClientRect());
  svg.addEventListener('pointerover', event => {
    clearTimeout(waiting);
    const element = target(event);
    if (!element || event.pointerType === 'touch' || event.buttons) return details.hideTip();
    waiting = setTimeout(() => { if (element.isConnected) tell(element); }, 120);
    return undefined;
  });
  svg.addEventListener('pointerleave', () => { clearTimeout(waiting); details.hideTip(); });
  svg.addEventListener('pointerdown', () => { clearTimeout(waiting); details.hideTip(); });
  svg.addEventListener('focusin', event => { if (event.target.matches(':focus-visible')) tell(event.target); });
  svg.addEventListener('focusout', details.hideTip);
  svg.addEventListener('click', event => {
    const element = target(event);
    if (!element) return;
    const key = element.dataset.key.replace(/^l/, 'w').replace(/^o/, 'n');
    focus.on(key);
    focus.activate(element);
  });
}

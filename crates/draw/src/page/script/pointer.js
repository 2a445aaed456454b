// The mouse and the finger on the picture: tips, and what a click does.

{
  const { svg } = stage;
  // The room within a frame is no part of it: a click there means nothing.
  const target = event => (event.target.matches('.frame > rect') ? null : event.target.closest('[data-key]'));
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
    focus.on(element.dataset.key.replace(/^l/, 'w').replace(/^o/, 'n'));
    focus.activate(element);
  });
}

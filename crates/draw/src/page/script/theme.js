// Light and dark: as the system has it, until the button is pressed; then as it was left.

{
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const key = 'chainrule-theme';
  // A page opened from a file may not be allowed to remember anything.
  const remembered = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const remember = theme => { try { localStorage.setItem(key, theme); } catch { /* then it does not */ } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);
  const tell = () => find('theme').setAttribute('aria-pressed', isDark());
  const before = remembered();
  if (before === 'light' || before === 'dark') root.dataset.theme = before;
  find('theme').addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    remember(root.dataset.theme);
    tell();
  });
  dark.addEventListener('change', tell);
  tell();
}

/** Keeps the page true while it is looked at: the server says that something has changed, and the main part is fetched again. */

const EVERY_MS = 60_000; // times that are told as "ago" go on without anything having changed
const PAUSE_MS = 700; // between two fetches, however much happens

let busy = false;
let again = false;
let shown = document.querySelector('main')?.innerHTML;

/** Whether somebody is in the middle of something that a new page would take away. */
function inUse(): boolean {
  const active = document.activeElement;
  return (
    active instanceof HTMLInputElement ||
    active instanceof HTMLSelectElement ||
    active instanceof HTMLTextAreaElement
  );
}

function keyOf(element: Element | null): string | undefined {
  if (!element) return undefined;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute('href');
  return href === null ? undefined : `a[href="${CSS.escape(href)}"]`;
}

function replace(main: Element, html: string): void {
  const focused = main.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
  const open = [...main.querySelectorAll('details[id][open]')].map(({ id }) => id);
  const scrolled = [...main.querySelectorAll('.wide')].map(({ scrollLeft }) => scrollLeft);
  main.innerHTML = html;
  shown = html;
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  main.querySelectorAll('.wide').forEach((wide, at) => {
    wide.scrollLeft = scrolled[at] ?? 0;
  });
  if (focused !== undefined) main.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
}

async function refresh(): Promise<void> {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const main = document.querySelector('main[data-live]');
    if (main && !inUse()) {
      const answer = await fetch(location.href, { headers: { 'x-part': 'main' }, redirect: 'error' });
      const html = await answer.text();
      const isPart = answer.headers.get('x-part') === 'main';
      if (isPart && !inUse() && html !== shown) replace(main, html);
    }
  } catch {
    // The stream of events tells when the server is back.
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  busy = false;
  if (again) {
    again = false;
    void refresh();
  }
}

function say(text: string): void {
  const line = document.getElementById('link');
  if (line && line.textContent !== text) line.textContent = text;
}

if (document.querySelector('main[data-live]')) {
  const events = new EventSource('/events');
  let lost = false;
  events.addEventListener('change', () => void refresh());
  events.addEventListener('open', () => {
    say('');
    if (lost) void refresh();
    lost = false;
  });
  events.addEventListener('error', () => {
    if (!lost)
      say(`Not connected since ${new Date().toISOString().slice(11, 16)}Z: what is shown may be old.`);
    lost = true;
  });
  setInterval(() => {
    if (!document.hidden) void refresh();
  }, EVERY_MS);
}

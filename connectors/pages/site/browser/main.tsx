import type { Publication } from '../../../../core/dashboards/publication.ts';
import { Choices, valuesOf } from '../filters.tsx';
import { Body } from '../panels/body.tsx';
import { NONE, type Looking, type TableState } from '../panels/shown.ts';
import { SelectTable } from '../panels/table.tsx';
import { moment, valueText } from '../words.ts';

declare global {
  interface Window {
    /** Of `publications.js`: all that the dashboard has shown, the newest first. */
    sluicePublications?: readonly { readonly upTo: string; readonly path: string }[];
  }
}

type Values = (string | null)[];

const publication = JSON.parse(document.getElementById('publication')?.textContent ?? '{}') as Publication;
const { dashboard } = publication;
const filters = dashboard.filters ?? [];
const root = document.body.dataset['root'] ?? '';
const form = document.querySelector<HTMLFormElement>('form.filters');
const tables = new Map<number, TableState>();
let chosen: Record<string, Values> = fromAddress();

/** What is drawn is a text of HTML, in which all that comes from elsewhere is escaped. */
const html = (made: unknown) => String(made);

/** Draws panels again, all or one. */
function draw(only?: number): void {
  dashboard.panels.forEach((panel, at) => {
    if (panel.kind === 'text' || (only !== undefined && at !== only)) return;
    const body = document.querySelector(`[data-panel="${at}"] > .body`);
    const table = tables.get(at) ?? { page: 0 };
    if (!body) return;
    if (panel.kind === 'select') {
      const selected = publication.selects[at]?.numbers;
      if (selected && only === at)
        replace(
          body,
          <SelectTable title={panel.title} rows={panel.rows} selected={selected} table={table} />,
        );
      return;
    }
    const data = dashboard.data[panel.data];
    const set = publication.data[panel.data]?.numbers;
    const looking: Looking = { chosen, table, filters, root };
    if (data && set) replace(body, <Body panel={panel} data={data} set={set} looking={looking} />);
  });
}

/** Keeps what is open open, and the keyboard where it was. */
function replace(body: Element, made: unknown): void {
  const open = [...body.querySelectorAll('details')].map((each) => each.open);
  const focused = body.contains(document.activeElement) ? markOf(document.activeElement) : undefined;
  body.innerHTML = html(made);
  body.querySelectorAll('details').forEach((each, at) => (each.open = open[at] ?? false));
  if (focused) body.querySelector<HTMLElement>(focused)?.focus();
}

function markOf(element: Element | null): string | undefined {
  if (!(element instanceof HTMLElement)) return undefined;
  const { sort, value, filter } = element.dataset;
  if (sort !== undefined) return `[data-sort="${CSS.escape(sort)}"]`;
  if (element.dataset['page'] !== undefined)
    return `.pager button[aria-label="${CSS.escape(element.ariaLabel ?? '')}"]:not(:disabled), .pager button:not(:disabled)`;
  return value === undefined
    ? undefined
    : `[data-filter="${CSS.escape(filter ?? '')}"][data-value="${CSS.escape(value)}"]`;
}

function fromAddress(): Record<string, Values> {
  const asked = new URLSearchParams(location.search);
  return Object.fromEntries(
    filters.flatMap((filter) => {
      const values = asked.getAll(filter).map((value) => (value === NONE ? null : value));
      return values.length ? [[filter, values]] : [];
    }),
  );
}

function choose(filter: string, values: Values): void {
  chosen = Object.fromEntries(
    Object.entries({ ...chosen, [filter]: values }).filter(([, each]) => each.length),
  );
  const asked = new URLSearchParams();
  for (const [name, each] of Object.entries(chosen))
    for (const value of each) asked.append(name, value ?? NONE);
  const query = asked.toString();
  history.replaceState(null, '', `${location.pathname}${query ? `?${query}` : ''}`);
  show();
}

function show(): void {
  tables.forEach((state, at) => tables.set(at, { ...state, page: 0 }));
  draw();
  for (const filter of filters) {
    const of = chosen[filter] ?? [];
    const details = form?.querySelector(`[data-of="${filter}"]`);
    const words = details?.querySelector('.chosen');
    if (words)
      words.textContent = of.length > 2 ? `${of.length} chosen` : of.map(valueText).join(', ') || 'all';
    details?.classList.toggle('on', of.length > 0);
    list(filter);
  }
  const reset = form?.querySelector<HTMLButtonElement>('button[type=reset]');
  if (reset) reset.hidden = !Object.keys(chosen).length;
  const status = form?.querySelector('[role=status]');
  if (status) status.textContent = Object.keys(chosen).length ? 'Panels are filtered.' : '';
}

/** The choices of a filter again, with the keyboard where it was. */
function list(filter: string): void {
  const details = form?.querySelector(`[data-of="${filter}"]`);
  const fieldset = details?.querySelector('fieldset');
  if (!details || !fieldset) return;
  const looked = details.querySelector<HTMLInputElement>('input[type=search]')?.value ?? '';
  const focused = fieldset.contains(document.activeElement)
    ? (document.activeElement as HTMLInputElement).value
    : undefined;
  const legend = fieldset.querySelector('legend')?.outerHTML ?? '';
  const choices = (
    <Choices
      filter={filter}
      values={valuesOf(publication, filter)}
      chosen={chosen[filter] ?? []}
      looked={looked}
    />
  );
  fieldset.innerHTML = legend + html(choices);
  if (focused !== undefined)
    [...fieldset.querySelectorAll<HTMLInputElement>('input')].find(({ value }) => value === focused)?.focus();
}

form?.addEventListener('input', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  const filter = target.closest<HTMLElement>('[data-of]')?.dataset['of'] ?? '';
  if (target.type === 'search') return list(filter);
  const value = JSON.parse(target.value) as string | null;
  const others = (chosen[filter] ?? []).filter((each) => each !== value);
  choose(filter, target.checked ? [...others, value] : others);
});
form?.addEventListener('submit', (event) => event.preventDefault());
form?.addEventListener('reset', () => {
  chosen = {};
  history.replaceState(null, '', location.pathname);
  setTimeout(show);
});
document.addEventListener('keydown', (event) => {
  const open = document.activeElement?.closest<HTMLDetailsElement>('details.filter[open]');
  if (event.key !== 'Escape' || !open) return;
  open.open = false;
  open.querySelector('summary')?.focus();
});
document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  for (const open of document.querySelectorAll<HTMLDetailsElement>('details.filter[open]'))
    if (!open.contains(event.target)) open.open = false;
  const choice = event.target.closest<HTMLElement>('a[data-filter]');
  if (choice && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const filter = choice.dataset['filter'] ?? '';
    const value = JSON.parse(choice.dataset['value'] ?? 'null') as string | null;
    const isChosen = chosen[filter]?.length === 1 && chosen[filter][0] === value;
    return choose(filter, isChosen ? [] : [value]);
  }
  const button = event.target.closest<HTMLElement>('button[data-sort], button[data-page]');
  const at = Number(button?.closest<HTMLElement>('[data-panel]')?.dataset['panel'] ?? NaN);
  if (!button || Number.isNaN(at)) return;
  const { sort, descending, page } = button.dataset;
  const before = tables.get(at) ?? { page: 0 };
  tables.set(
    at,
    sort === undefined
      ? { ...before, page: Number(page) }
      : { page: 0, sort: { by: sort, descending: descending === 'true' } },
  );
  draw(at);
});

function ages(): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-age]')) {
    const hours = (Date.now() - Date.parse(element.dataset['age'] ?? '')) / 3_600_000;
    const [size, unit] = hours >= 48 ? [hours / 24, 'days'] : hours >= 1 ? [hours, 'h'] : [hours * 60, 'min'];
    if (hours >= 0) element.textContent = `, ${Math.floor(size).toLocaleString('en-US')} ${unit} ago`;
  }
}

/** Served beside the status pages, names of runs and pipelines lead there. */
function links(): void {
  if (!/^https?:$/.test(location.protocol) || !location.pathname.startsWith('/dashboards/')) return;
  const link = (selector: string, path: (name: string) => string) => {
    for (const element of document.querySelectorAll<HTMLElement>(selector)) {
      const a = document.createElement('a');
      a.href = path(element.dataset['run'] ?? element.dataset['pipeline'] ?? '');
      a.textContent = element.textContent;
      element.replaceChildren(a);
    }
  };
  link('[data-run]', (run) => `/runs/${encodeURIComponent(run)}`);
  link('[data-pipeline]', (name) => `/pipelines/${encodeURIComponent(name)}`);
}

function publications(): void {
  const label = document.querySelector<HTMLElement>('[data-publications]');
  const select = label?.querySelector('select');
  const all = window.sluicePublications ?? [];
  if (!label || !select || all.length < 2) return;
  const here = label.dataset['publications'];
  for (const { upTo, path } of all) select.add(new Option(moment(upTo), path, false, upTo === here));
  label.hidden = false;
  select.addEventListener('change', () => {
    location.href = `${root}${dashboard.name}/${select.value}/index.html${location.search}`;
  });
}

if (form) form.hidden = false;
publications();
links();
ages();
setInterval(ages, 60_000);
if (Object.keys(chosen).length) show();

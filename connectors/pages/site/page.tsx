import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { PanelDefinition } from '../../../core/dashboards/definition.ts';
import type { Publication } from '../../../core/dashboards/publication.ts';
import type { Dashboard } from '../../../core/dashboards/resolve.ts';
import { Filters } from './filters.tsx';
import { Body } from './panels/body.tsx';
import type { Looking } from './panels/shown.ts';
import { SelectTable } from './panels/table.tsx';
import { ReceiptOf, WithheldNote } from './receipt.tsx';
import { labelOf, moment } from './words.ts';

/** Where the page lies, and what it is dressed and moved by. */
export interface Place {
  /** The folder of all dashboards, as an address from the page; null for a page that stands alone. */
  readonly root: string | null;
  readonly style: { readonly href: string } | { readonly text: string };
  readonly script: { readonly src: string } | { readonly text: string };
}

const UNTOUCHED = { chosen: {}, table: { page: 0 } };

/** A whole dashboard. The same publication at the same place is the same page, byte for byte. */
export function DashboardPage({ publication, place }: { publication: Publication; place: Place }) {
  const { dashboard, upTo } = publication;
  const { root, style, script } = place;
  const looking: Looking = { ...UNTOUCHED, filters: dashboard.filters ?? [], root: root ?? '' };
  const withheld = [...Object.values(publication.data), ...Object.values(publication.selects)].some(
    (each) => each.withheld,
  );
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{dashboard.title}</title>
        {'href' in style ? <link rel="stylesheet" href={style.href} /> : <style>{raw(style.text)}</style>}
        {root !== null && <script src={`${root}${dashboard.name}/publications.js`} defer></script>}
        {'src' in script && <script src={script.src} defer></script>}
      </head>
      <body data-root={root ?? undefined}>
        <a class="skip" href="#main">
          Skip to the contents
        </a>
        <header class="top">
          <p class="crumb">
            {root === null ? (
              <span>{dashboard.pipeline}</span>
            ) : (
              <>
                <a href={`${root}index.html`}>Dashboards</a> /{' '}
                <span data-pipeline={dashboard.pipeline}>{dashboard.pipeline}</span>
              </>
            )}
          </p>
          <h1>{dashboard.title}</h1>
          <p class="lead">{dashboard.description}</p>
          <div class="asof">
            <label data-publications={upTo} hidden>
              As of <select></select>
            </label>
            <span>
              Data up to <time datetime={upTo}>{moment(upTo)}</time>
              <span data-age={upTo}></span>
            </span>
            {withheld && <span class="chip bad">✗ some panels are withheld</span>}
          </div>
        </header>
        <main id="main" tabindex={-1}>
          {(dashboard.filters ?? []).length > 0 && <Filters publication={publication} />}
          <div class="panels">
            {dashboard.panels.map((panel, at) => (
              <PanelOf panel={panel} at={at} publication={publication} looking={looking} />
            ))}
          </div>
        </main>
        <footer>
          <p>
            Made by Sluice from <code>{dashboard.pipeline}</code>. All times are UTC. Every panel says below
            it where its numbers come from.
          </p>
        </footer>
        <script type="application/json" id="publication">
          {raw(JSON.stringify(publication).replaceAll('<', '\\u003c'))}
        </script>
        {'text' in script && <script>{raw(script.text)}</script>}
      </body>
    </html>
  );
}

function PanelOf({
  panel,
  at,
  publication,
  looking,
}: {
  panel: PanelDefinition;
  at: number;
  publication: Publication;
  looking: Looking;
}) {
  const { dashboard } = publication;
  if (panel.kind === 'text')
    return (
      <section class={`panel words ${panel.width ?? 'full'}`}>
        {panel.title !== undefined && <h2>{panel.title}</h2>}
        {panel.text.split(/\n\s*\n/).map((part) => (
          <p>{part}</p>
        ))}
      </section>
    );
  if (panel.kind === 'select') {
    const found = publication.selects[at];
    return (
      <Frame
        panel={panel}
        at={at}
        width="full"
        found={found}
        note={dashboard.filters?.length ? 'Filters do not reach this table.' : undefined}
      >
        {found?.numbers && (
          <SelectTable title={panel.title} rows={panel.rows} selected={found.numbers} table={looking.table} />
        )}
      </Frame>
    );
  }
  const data = dashboard.data[panel.data];
  const found = publication.data[panel.data];
  const deaf = (dashboard.filters ?? []).filter((filter) => !(filter in (data?.dimensions ?? {})));
  const note = deaf.length
    ? `Not filtered by ${deaf.map((name) => nameOf(dashboard, name)).join(', ')}.`
    : undefined;
  const width =
    panel.kind === 'number' ? 'third' : panel.kind === 'table' || panel.kind === 'line' ? 'full' : 'half';
  return (
    <Frame panel={panel} at={at} width={width} found={found} note={note}>
      {data && found?.numbers && <Body panel={panel} data={data} set={found.numbers} looking={looking} />}
    </Frame>
  );
}

/** What a dimension is called by the first data that has it. */
export function nameOf({ data }: Dashboard, dimension: string): string {
  return labelOf(
    dimension,
    Object.values(data).find(({ dimensions }) => dimension in dimensions)?.dimensions[dimension],
  );
}

function Frame({
  panel,
  at,
  width,
  found,
  note,
  children,
}: {
  panel: Exclude<PanelDefinition, { readonly kind: 'text' }>;
  at: number;
  width: string;
  found: Publication['data'][string] | Publication['selects'][string] | undefined;
  note: string | undefined;
  children: Child;
}) {
  const { withheld, receipt, numbers } = found ?? {};
  return (
    <section
      class={`panel ${panel.width ?? width} kind-${panel.kind}${withheld ? ' withheld' : ''}`}
      data-panel={at}
      aria-labelledby={`panel-${at}`}
    >
      <h2 id={`panel-${at}`}>{panel.title}</h2>
      {panel.note !== undefined && <p class="quiet">{panel.note}</p>}
      {withheld && <WithheldNote withheld={withheld} shown={receipt ?? null} />}
      <div class="body">{numbers ? children : <p class="empty">No numbers.</p>}</div>
      {note !== undefined && <p class="quiet">{note}</p>}
      {receipt && <ReceiptOf receipt={receipt} />}
    </section>
  );
}

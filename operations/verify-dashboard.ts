import type { Pages } from '../connectors/pages/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';
import { MOST_ROWS, toDataset } from '../core/dashboards/dataset.ts';
import { differences } from '../core/dashboards/differences.ts';
import type { Publication } from '../core/dashboards/publication.ts';

export interface Verified {
  readonly dashboard: string;
  /** Undefined where it was never published. */
  readonly upTo: string | undefined;
  /** Numbers that were held against SQL. */
  readonly numbers: number;
  /** Data that are withheld: those of before stand there, which SQL no longer gives. */
  readonly withheld: readonly string[];
  readonly problems: readonly string[];
}

const DATA = /<script type="application\/json" id="publication">([^<]*)<\/script>/;

/** Holds every number of what a dashboard shows against the warehouse as it is now, and its pages against what was published. */
export async function verifyDashboard(
  pages: Pages,
  warehouse: Warehouse,
  dashboard: string,
): Promise<Verified> {
  const [newest] = await pages.list(dashboard);
  if (!newest)
    return { dashboard, upTo: undefined, numbers: 0, withheld: [], problems: ['it was never published.'] };
  const publication = await pages.read(dashboard, newest.path);
  const problems: string[] = [];
  for (const file of [`${dashboard}/${newest.path}/index.html`, `${dashboard}/index.html`]) {
    const page = Buffer.from((await pages.file(file)) ?? []).toString('utf8');
    const held: unknown = JSON.parse(DATA.exec(page)?.[1] ?? 'null');
    if (JSON.stringify(held) !== JSON.stringify(publication))
      problems.push(
        `${file} does not show what was published; publish it again with 'sluice dashboards build'.`,
      );
  }
  if (
    Buffer.from((await pages.file(`${dashboard}/${newest.path}/index.html`)) ?? []).toString('utf8') !==
    (await pages.pageOf(publication))
  )
    problems.push(
      `${dashboard}/${newest.path}/index.html is not as this version draws it: it was changed, or made by another version.`,
    );
  const withheld: string[] = [];
  let numbers = 0;
  for (const [name, { numbers: shown, receipt, withheld: why }] of Object.entries(publication.data)) {
    const definition = publication.dashboard.data[name];
    if (why) withheld.push(name);
    if (why || !definition || !shown || !receipt) continue;
    const found = toDataset(
      definition,
      await warehouse.query(receipt.sql, { limit: MOST_ROWS, owned: true }),
    );
    numbers += found.rows * Object.keys({ ...found.sums, ...found.keys }).length;
    problems.push(...differences(shown, found).map((each) => `${name}: ${each}`));
  }
  problems.push(...(await selectsDiffer(warehouse, publication)));
  return { dashboard, upTo: newest.upTo, numbers, withheld, problems };
}

async function selectsDiffer(warehouse: Warehouse, { selects, dashboard }: Publication): Promise<string[]> {
  const problems: string[] = [];
  for (const [at, { numbers, receipt, withheld }] of Object.entries(selects)) {
    if (withheld || !numbers || !receipt) continue;
    const { rows } = await warehouse.query(receipt.sql, { limit: MOST_ROWS, owned: true });
    const found = rows.map((row) =>
      numbers.columns.map(({ name }) => {
        const value = row[name] ?? null;
        return value === null || typeof value === 'string' ? value : JSON.stringify(value);
      }),
    );
    const inOrder = (all: readonly (readonly unknown[])[]) =>
      all
        .map((row) => JSON.stringify(row))
        .sort()
        .join('\n');
    if (inOrder(found) !== inOrder(numbers.rows))
      problems.push(
        `panel '${dashboard.panels[Number(at)]?.title ?? at}' shows other rows than its select gives now.`,
      );
  }
  return problems;
}

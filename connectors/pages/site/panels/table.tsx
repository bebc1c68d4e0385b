import type { Child } from 'hono/jsx';
import type { SelectedRows } from '../../../../core/dashboards/publication.ts';
import { byText } from '../../../../core/dashboards/by-rank.ts';
import type { DataDefinition, DimensionDefinition } from '../../../../core/dashboards/definition.ts';
import type { Dataset } from '../../../../core/dashboards/dataset.ts';
import { grouped, type Group } from '../../../../core/dashboards/groups.ts';
import type { DataPanel } from '../../../../core/dashboards/resolve.ts';
import { amountText, labelOf, valueText } from '../words.ts';
import type { Looking, TableState } from './shown.ts';
import { Value } from './value.tsx';

const ROWS = 10;

interface Head {
  readonly name: string;
  readonly label: string;
  readonly numeric: boolean;
}

/** Groups as a table, sorted by any column, a page at a time. */
export function GroupTable({
  panel,
  data,
  set,
  looking,
}: {
  panel: Extract<DataPanel, { readonly kind: 'table' }>;
  data: DataDefinition;
  set: Dataset;
  looking: Looking;
}) {
  const heads: readonly Head[] = [
    ...panel.by.map((name) => ({ name, label: labelOf(name, data.dimensions[name]), numeric: false })),
    ...panel.measures.map((name) => ({ name, label: labelOf(name, data.measures[name]), numeric: true })),
  ];
  const groups = grouped(set, data.measures, looking.chosen, panel.by, panel.measures);
  const sort =
    looking.table.sort ?? (panel.sort && { by: panel.sort.by, descending: panel.sort.descending ?? false });
  const sorted = sort
    ? inOrder(groups, panel.measures.indexOf(sort.by), sort.descending, {
        at: panel.by.indexOf(sort.by),
        by: byPlace(set, sort.by, data.dimensions[sort.by]),
      })
    : groups;
  return (
    <Paged
      title={panel.title}
      heads={heads}
      total={sorted.length}
      rows={panel.rows ?? ROWS}
      table={{ ...looking.table, ...(sort && { sort }) }}
    >
      {(from, to) =>
        sorted.slice(from, to).map(({ key, amounts }) => (
          <tr>
            {panel.by.map((name, at) => (
              <td>
                <Value
                  value={key[at] ?? null}
                  by={name}
                  looking={looking}
                  opens={panel.opens?.by === name ? panel.opens : undefined}
                />
              </td>
            ))}
            {panel.measures.map((name, at) => (
              <td class="n">{amountText(data.measures[name] ?? { count: true }, amounts[at] ?? null)}</td>
            ))}
          </tr>
        ))
      }
    </Paged>
  );
}

/** Rows of a select of the panel's own. */
export function SelectTable({
  title,
  rows: size = ROWS,
  selected,
  table,
}: {
  title: string;
  rows?: number | undefined;
  selected: SelectedRows;
  table: TableState;
}) {
  const heads = selected.columns.map(({ name, numeric }) => ({ name, label: labelOf(name), numeric }));
  const at = heads.findIndex(({ name }) => name === table.sort?.by);
  const compare = heads[at]?.numeric ? (a: string, b: string) => Number(a) - Number(b) : byText;
  const sorted =
    at < 0
      ? selected.rows
      : [...selected.rows].sort((a, b) =>
          nullsLast(a[at] ?? null, b[at] ?? null, compare, table.sort?.descending ? -1 : 1),
        );
  return (
    <Paged title={title} heads={heads} total={sorted.length} rows={size} table={table}>
      {(from, to) =>
        sorted.slice(from, to).map((row) => (
          <tr>
            {row.map((value, n) => (
              <td class={heads[n]?.numeric ? 'n' : undefined}>
                <bdi>{valueText(value)}</bdi>
              </td>
            ))}
          </tr>
        ))
      }
    </Paged>
  );
}

function Paged({
  title,
  heads,
  total,
  rows,
  table: { page, sort },
  children,
}: {
  title: string;
  heads: readonly Head[];
  total: number;
  rows: number;
  table: TableState;
  children: (from: number, to: number) => Child;
}) {
  if (!total) return <p class="empty">No rows.</p>;
  const pages = Math.ceil(total / rows);
  const at = Math.min(page, pages - 1);
  const to = Math.min(total, (at + 1) * rows);
  return (
    <>
      <div class="wide" role="group" aria-label={title} tabindex={0}>
        <table class="rows">
          <thead>
            <tr>
              {heads.map(({ name, label, numeric }) => {
                const order = sort?.by === name ? (sort.descending ? 'descending' : 'ascending') : undefined;
                return (
                  <th scope="col" class={numeric ? 'n' : undefined} aria-sort={order}>
                    <button
                      type="button"
                      data-sort={name}
                      data-descending={order === undefined ? String(numeric) : String(order === 'ascending')}
                    >
                      {label}
                      <span aria-hidden="true">
                        {order === undefined ? '' : order === 'ascending' ? ' ↑' : ' ↓'}
                      </span>
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>{children(at * rows, to)}</tbody>
        </table>
      </div>
      {pages > 1 && (
        <p class="pager">
          <button
            type="button"
            data-page={at - 1}
            disabled={at === 0}
            aria-label={`Previous page of ${title}`}
          >
            ←
          </button>
          <span>
            {at * rows + 1}–{to} of {total}
          </span>
          <button
            type="button"
            data-page={at + 1}
            disabled={at === pages - 1}
            aria-label={`Next page of ${title}`}
          >
            →
          </button>
        </p>
      )}
    </>
  );
}

/** Sorted by a column; what has no value stands last, whichever way. */
function inOrder(
  groups: readonly Group[],
  amount: number,
  descending: boolean,
  key: { readonly at: number; readonly by: (a: string, b: string) => number },
): Group[] {
  const way = descending ? -1 : 1;
  return [...groups].sort((a, b) => {
    if (amount < 0) return nullsLast(a.key[key.at] ?? null, b.key[key.at] ?? null, key.by, way);
    return nullsLast(a.amounts[amount] ?? null, b.amounts[amount] ?? null, (x, y) => x.value - y.value, way);
  });
}

/** Values of a dimension as people expect them, who may have said in which order; ids have none. */
function byPlace(
  { dimensions }: Dataset,
  name: string,
  definition: DimensionDefinition | undefined,
): (a: string, b: string) => number {
  if (definition?.short) return byText;
  const places = new Map(dimensions[name]?.values.map((value, at) => [value, at]));
  return (a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0);
}

function nullsLast<T>(a: T | null, b: T | null, compare: (a: T, b: T) => number, way = 1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compare(a, b) * way;
}

import type { DataDefinition, Grain, MeasureDefinition } from '../../../../core/dashboards/definition.ts';
import type { Dataset } from '../../../../core/dashboards/dataset.ts';
import { periodsBetween } from '../../../../core/dashboards/periods.ts';
import { grouped, type Group } from '../../../../core/dashboards/groups.ts';
import type { DataPanel } from '../../../../core/dashboards/resolve.ts';
import { amountText, labelOf, valueText } from '../words.ts';
import { Columns, Line, Ring, StateMap } from './charts.tsx';
import { Ranking } from './ranking.tsx';
import type { Looking } from './shown.ts';
import { GroupTable } from './table.tsx';
import { Value } from './value.tsx';

const SLICES = 8; // of a ring, which people can still tell apart

/** What a panel shows of its data; drawn by the build, and again by a browser when something else is chosen. */
export function Body({
  panel,
  data,
  set,
  looking,
}: {
  panel: DataPanel;
  data: DataDefinition;
  set: Dataset;
  looking: Looking;
}) {
  const { measures } = data;
  if (panel.kind === 'table') return <GroupTable panel={panel} data={data} set={set} looking={looking} />;
  const measure: MeasureDefinition = measures[panel.measure] ?? { count: true };
  if (panel.kind === 'number') {
    const [all] = grouped(set, measures, looking.chosen, [], [panel.measure]);
    return <p class="figure">{amountText(measure, all?.amounts[0] ?? null)}</p>;
  }
  const found = grouped(set, measures, looking.chosen, [panel.by], [panel.measure]);
  const grain = data.dimensions[panel.by]?.by;
  const isInTime = grain !== undefined && (panel.kind === 'line' || panel.kind === 'bars');
  const groups = isInTime
    ? withEveryPeriod(found, { grain, measure, kind: panel.kind, chosen: looking.chosen[panel.by] })
    : found;
  if (!groups.length) return <p class="empty">No rows.</p>;
  const by = labelOf(panel.by, data.dimensions[panel.by]);
  const chart = { title: panel.title, measure, by, groups };
  switch (panel.kind) {
    case 'line':
      return <Line chart={chart} />;
    case 'bars':
      return <Columns chart={chart} />;
    case 'map':
      return <StateMap chart={chart} country={panel.country} />;
    case 'ranking':
      return <Ranking panel={panel} by={by} measure={measure} groups={groups} looking={looking} />;
    case 'share': {
      const [all] = grouped(set, measures, looking.chosen, [], [panel.measure]);
      return (
        <Share
          panel={panel}
          by={by}
          measure={measure}
          groups={[...groups].sort((a, b) => valueOf(b) - valueOf(a))}
          total={all?.amounts[0] ?? null}
          looking={looking}
        />
      );
    }
  }
}

const valueOf = ({ amounts: [amount] }: Group) => amount?.value ?? 0;

/** Periods without rows between those that have some, as far as they are chosen: nothing was sold then, and there is no mean. */
function withEveryPeriod(
  groups: Group[],
  {
    grain,
    measure,
    kind,
    chosen = [],
  }: {
    grain: Grain;
    measure: MeasureDefinition;
    kind: 'line' | 'bars';
    chosen: Looking['chosen'][string] | undefined;
  },
): Group[] {
  const dated = groups.filter(({ key: [value] }) => value !== null);
  const [first, last] = [dated[0]?.key[0], dated.at(-1)?.key[0]];
  const between = first && last ? periodsBetween(first, last, grain) : undefined;
  const all = between?.filter((name) => !chosen.length || chosen.includes(name));
  // A column each weighs: one date that is a mistake must not make thousands.
  if (!all || (kind === 'bars' && all.length > Math.max(1_000, 10 * groups.length))) return groups;
  const byName = new Map(dated.map((group) => [group.key[0], group]));
  const isCounted = 'count' in measure || 'sum' in measure || 'distinct' in measure;
  const nothing = isCounted ? { value: 0, sum: { units: 0, scale: 0 } } : null;
  const drawn = new Set<string | null>(all);
  const rest = groups.filter(({ key: [value = null] }) => !drawn.has(value));
  return [...all.map((name) => byName.get(name) ?? { key: [name], amounts: [nothing] }), ...rest];
}

function Share({
  panel,
  by,
  measure,
  groups,
  total,
  looking,
}: {
  panel: Extract<DataPanel, { readonly kind: 'share' }>;
  by: string;
  measure: MeasureDefinition;
  groups: readonly Group[];
  total: Group['amounts'][number];
  looking: Looking;
}) {
  const whole = groups.reduce((sum, group) => sum + Math.max(0, valueOf(group)), 0);
  const rest = groups.slice(SLICES);
  return (
    <div class="share">
      <Ring
        whole={whole}
        chart={{ title: panel.title, measure, by, groups: groups.slice(0, SLICES) }}
        total={amountText({ ...measure, decimals: 0 }, total)}
      />
      <table class="key">
        <thead class="unseen">
          <tr>
            <th scope="col">{by}</th>
            <th scope="col">{panel.title}</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, SLICES).map((group, at) => (
            <tr>
              <th scope="row">
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                  <rect class={`slice c${at % 10}`} width="10" height="10" rx="2" />
                </svg>{' '}
                <Value value={group.key[0] ?? null} by={panel.by} looking={looking} />
              </th>
              <td class="n">{amountText(measure, group.amounts[0] ?? null)}</td>
              <td class="n quiet">
                {whole ? `${((Math.max(0, valueOf(group)) / whole) * 100).toFixed(1)}%` : '–'}
              </td>
            </tr>
          ))}
          {rest.length > 0 && (
            <tr>
              <th
                scope="row"
                class="quiet"
                title={rest
                  .slice(0, 20)
                  .map(({ key: [value] }) => valueText(value ?? null))
                  .join(', ')}
              >
                {rest.length} others
              </th>
              <td></td>
              <td class="n quiet">
                {whole
                  ? `${((rest.reduce((sum, group) => sum + Math.max(0, valueOf(group)), 0) / whole) * 100).toFixed(1)}%`
                  : '–'}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

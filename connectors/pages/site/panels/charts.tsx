import type { MeasureDefinition } from '../../../../core/dashboards/definition.ts';
import type { Group } from '../../../../core/dashboards/groups.ts';
import { envelope, linear, round, ticks } from '../scale.ts';
import { TILES } from '../tiles.ts';
import { amountText, labelOf, short, valueText } from '../words.ts';

const BOX = { width: 640, height: 240, left: 58, right: 12, top: 12, bottom: 30 };
const [LEFT, RIGHT, TOP, BOTTOM] = [BOX.left, BOX.width - BOX.right, BOX.top, BOX.height - BOX.bottom];
const MOST_IN_TABLE = 200;
const MOST_DOTS = 60; // of a line

interface Chart {
  readonly title: string;
  readonly measure: MeasureDefinition;
  readonly by: string;
  readonly groups: readonly Group[];
}

const valueOf = ({ amounts: [amount] }: Group) => amount?.value ?? 0;

/** A line over time: of 20,000 points as many marks as there are pixels. */
export function Line({ chart }: { chart: Chart }) {
  const { measure, groups } = chart;
  const { lines, y, floor } = yAxis(groups);
  const x = linear([0, Math.max(1, groups.length - 1)], [LEFT, RIGHT]);
  const shown = groups.flatMap((group, at) =>
    group.amounts[0]
      ? [{ group, at: [groups.length === 1 ? (LEFT + RIGHT) / 2 : x(at), y(valueOf(group))] as const }]
      : [],
  );
  // What has no place in time is a point of its own, behind the line.
  const points = shown.flatMap(({ group, at }) => (group.key[0] === null ? [] : [at]));
  const path = envelope(points, BOX.width)
    .map(([px, py], at) => `${at ? 'L' : 'M'}${px} ${py}`)
    .join('');
  const [first, last] = [points[0], points.at(-1)];
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={inWords(chart)}>
        <YAxis lines={lines} y={y} measure={measure} />
        {first && last && points.length > 1 && (
          <path class="area" d={`${path}L${last[0]} ${floor}L${first[0]} ${floor}Z`} />
        )}
        <path class="line" d={path} />
        {shown
          .filter(({ group }) => points.length <= MOST_DOTS || group.key[0] === null)
          .map(({ group, at: [px, py] }) => (
            <circle class="dot" cx={px} cy={py} r="3.5">
              <title>{said(group, measure)}</title>
            </circle>
          ))}
        <XLabels groups={groups} at={(n) => (groups.length === 1 ? (LEFT + RIGHT) / 2 : x(n))} most={7} />
      </svg>
      <AsTable chart={chart} />
    </>
  );
}

/** A column for each value, in their order. */
export function Columns({ chart }: { chart: Chart }) {
  const { measure, groups } = chart;
  const { lines, y, floor } = yAxis(groups);
  const step = (RIGHT - LEFT) / Math.max(1, groups.length);
  const width = Math.min(56, step * 0.72);
  const middle = (at: number) => round(LEFT + step * (at + 0.5));
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={inWords(chart)}>
        <YAxis lines={lines} y={y} measure={measure} />
        {groups.map((group, at) => {
          if (!group.amounts[0]) return null; // there is no mean of nothing
          const edge = y(valueOf(group));
          return (
            <rect
              class="column"
              x={round(middle(at) - width / 2)}
              y={Math.min(edge, floor)}
              width={round(width)}
              height={round(Math.max(0.5, Math.abs(edge - floor)))}
              rx="2"
            >
              <title>{said(group, measure)}</title>
            </rect>
          );
        })}
        <XLabels groups={groups} at={middle} most={Math.max(2, Math.floor((RIGHT - LEFT) / 80))} />
      </svg>
      <AsTable chart={chart} />
    </>
  );
}

const RING = { size: 200, outer: 96, inner: 62 };

/** A ring of parts, with their sum in the middle. @param whole what the parts are parts of: what they do not fill is others' */
export function Ring({ chart, total, whole }: { chart: Chart; total: string; whole: number }) {
  let before = 0;
  return (
    <svg class="ring" viewBox={`0 0 ${RING.size} ${RING.size}`} role="img" aria-label={inWords(chart)}>
      {chart.groups.map((group, at) => {
        const part = whole ? Math.max(0, valueOf(group)) / whole : 0;
        const from = before;
        before += part;
        return (
          part > 0 && (
            <path class={`slice c${at % 10}`} d={arc(from, before)}>
              <title>{said(group, chart.measure)}</title>
            </path>
          )
        );
      })}
      {whole > 0 && before < 0.9999 && <path class="slice rest" d={arc(before, 1)} />}
      <text class="total" x="100" y="106" text-anchor="middle">
        {total}
      </text>
    </svg>
  );
}

/** A part of the ring; all of it in two halves, since an arc that ends where it begins is none. */
function arc(from: number, to: number): string {
  return to - from > 0.9999 ? part(0, 0.5) + part(0.5, 1) : part(from, to);
}

function part(from: number, end: number): string {
  const at = (turn: number, radius: number) => {
    const angle = turn * 2 * Math.PI - Math.PI / 2;
    return `${round(100 + radius * Math.cos(angle))} ${round(100 + radius * Math.sin(angle))}`;
  };
  const large = end - from > 0.5 ? 1 : 0;
  const { outer, inner } = RING;
  return `M${at(from, outer)}A${outer} ${outer} 0 ${large} 1 ${at(end, outer)}L${at(end, inner)}A${inner} ${inner} 0 ${large} 0 ${at(from, inner)}Z`;
}

const TILE = 44;

/** A square for each state, darker the greater its number; where it stands, its neighbours stand beside it. */
export function StateMap({ chart, country }: { chart: Chart; country: 'BR' | 'US' }) {
  const rows = TILES[country].map((row) => row.split(' '));
  const known = new Map(chart.groups.map((group) => [group.key[0]?.toUpperCase() ?? '', group]));
  const greatest = Math.max(0, ...chart.groups.map(valueOf));
  const places = new Set(rows.flat());
  const elsewhere = chart.groups.filter(({ key: [state] }) => !places.has(state?.toUpperCase() ?? ''));
  return (
    <>
      <svg
        class="map"
        viewBox={`0 0 ${(rows[0]?.length ?? 0) * TILE} ${rows.length * TILE}`}
        role="img"
        aria-label={inWords(chart)}
      >
        {rows.flatMap((row, down) =>
          row.flatMap((state, across) => {
            if (state === '..') return [];
            const group = known.get(state);
            const depth = group && greatest > 0 ? Math.ceil((Math.max(0, valueOf(group)) / greatest) * 5) : 0;
            return [
              <g>
                <rect
                  class={`tile q${depth}`}
                  x={across * TILE + 1.5}
                  y={down * TILE + 1.5}
                  width={TILE - 3}
                  height={TILE - 3}
                  rx="5"
                >
                  <title>{group ? said(group, chart.measure) : `${state}: no rows`}</title>
                </rect>
                <text
                  class={`state q${depth}`}
                  x={across * TILE + TILE / 2}
                  y={down * TILE + TILE / 2 + 5}
                  text-anchor="middle"
                >
                  {state}
                </text>
              </g>,
            ];
          }),
        )}
      </svg>
      {elsewhere.length > 0 && (
        <p class="quiet">
          Not on the map:{' '}
          <bdi>
            {elsewhere
              .slice(0, 5)
              .map((group) => said(group, chart.measure))
              .join('; ')}
          </bdi>
          {elsewhere.length > 5 && ` and ${elsewhere.length - 5} more`}
        </p>
      )}
      <AsTable chart={chart} />
    </>
  );
}

function said(group: Group | undefined, measure: MeasureDefinition): string {
  return group ? `${valueText(group.key[0] ?? null)}: ${amountText(measure, group.amounts[0] ?? null)}` : '';
}

/** For who hears the page. */
function inWords({ title, measure, by, groups }: Chart): string {
  const greatest = groups.reduce<Group | undefined>(
    (best, group) => (best && valueOf(best) >= valueOf(group) ? best : group),
    undefined,
  );
  return `${title}: ${groups.length} values by ${labelOf(by).toLowerCase()}; the greatest is ${said(greatest, measure)}`;
}

function yAxis(groups: readonly Group[]) {
  const values = groups.map(valueOf);
  const lines = ticks(
    values.reduce((least, each) => Math.min(least, each), 0),
    values.reduce((most, each) => Math.max(most, each), 0),
  );
  const y = linear([lines[0] ?? 0, lines.at(-1) ?? 1], [BOTTOM, TOP]);
  return { lines, y, floor: y(0) };
}

function YAxis({
  lines,
  y,
  measure,
}: {
  lines: readonly number[];
  y: (value: number) => number;
  measure: MeasureDefinition;
}) {
  return (
    <g aria-hidden="true">
      {lines.map((value) => (
        <>
          <line class={value === 0 ? 'axis' : 'rule'} x1={LEFT} x2={RIGHT} y1={y(value)} y2={y(value)} />
          <text class="tick" x={LEFT - 8} y={y(value) + 4} text-anchor="end">
            {short(measure, value)}
          </text>
        </>
      ))}
    </g>
  );
}

/** Some of the values, so many that they do not stand over each other. */
function XLabels({
  groups,
  at,
  most,
}: {
  groups: readonly Group[];
  at: (n: number) => number;
  most: number;
}) {
  const every = Math.max(1, Math.ceil(groups.length / most));
  return (
    <g aria-hidden="true">
      {groups.map(
        ({ key }, n) =>
          n % every === 0 && (
            <text class="tick" x={at(n)} y={BOX.height - 8} text-anchor="middle">
              {clipped(valueText(key[0] ?? null), 12)}
            </text>
          ),
      )}
    </g>
  );
}

function clipped(text: string, most: number): string {
  const letters = Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment);
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}

/** The numbers of a chart, for who would rather read them. */
function AsTable({ chart: { measure, by, groups, title } }: { chart: Chart }) {
  const shown = groups.filter(({ key: [value] }, at) => at < MOST_IN_TABLE || value === null);
  return (
    <details class="numbers">
      <summary>Numbers</summary>
      <div class="wide" role="group" aria-label={`${title}, as a table`} tabindex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{labelOf(by)}</th>
              <th scope="col" class="n">
                {title}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((group) => (
              <tr>
                <th scope="row">
                  <bdi>{valueText(group.key[0] ?? null)}</bdi>
                </th>
                <td class="n">{amountText(measure, group.amounts[0] ?? null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {groups.length > shown.length && <p class="quiet">and {groups.length - shown.length} more</p>}
    </details>
  );
}

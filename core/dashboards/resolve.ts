import { z } from 'zod';
import { InvalidInput } from '../errors.ts';
import { hint } from '../hint.ts';
import { wordsOf } from '../issues.ts';
import { GRAINS, type DashboardDefinition, type PanelDefinition } from './definition.ts';
import { conditionProblems } from './select-check.ts';
import { sumColumns } from './sql.ts';

/** A dashboard whose names hold together. Plain JSON. */
export type Dashboard = DashboardDefinition;
/** A panel that shows data of the dashboard. */
export type DataPanel = Exclude<PanelDefinition, { readonly kind: 'text' | 'select' }>;

const text = z.string().min(1);
const column = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a column');
const names = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case');
const mart = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be a model's name alone, like fct_orders: its schema is the pipeline's");
const scale = z.exactOptional(z.int().min(0).max(10));
const words = {
  label: z.exactOptional(text),
  unit: z.exactOptional(text),
  decimals: z.exactOptional(z.int().min(0).max(10)),
};
const measure = z.union(
  [
    z.strictObject({ ...words, count: z.literal(true) }),
    z.strictObject({ ...words, sum: column, scale }),
    z.strictObject({ ...words, mean: column, scale }),
    z.strictObject({ ...words, distinct: column, of: z.exactOptional(text) }),
    z.strictObject({ ...words, ratio: z.tuple([text, text]).readonly() }),
  ],
  {
    error:
      "must be { count: true }, { sum: 'column' }, { mean: 'column' }, { distinct: 'column' } or { ratio: ['measure', 'measure'] }, with label, unit and decimals",
  },
);
const data = z.strictObject({
  mart,
  joins: z.exactOptional(
    z.record(
      names,
      z.strictObject({
        mart,
        on: z
          .record(column, column)
          .refine((all) => Object.keys(all).length > 0, 'must name at least one column of its key'),
      }),
    ),
  ),
  dimensions: z.record(
    names,
    z.strictObject({
      label: z.exactOptional(text),
      column: z.exactOptional(column),
      of: z.exactOptional(text),
      by: z.exactOptional(z.enum(GRAINS)),
      order: z.exactOptional(z.array(z.string()).readonly()),
      short: z.exactOptional(z.literal(true)),
    }),
  ),
  measures: z
    .record(names, measure)
    .refine((all) => Object.keys(all).length > 0, 'must hold at least one measure'),
  where: z.exactOptional(text),
});

const width = z.exactOptional(z.enum(['third', 'half', 'full']));
const placed = { title: text, note: z.exactOptional(text), width };
const over = { ...placed, data: text, by: text, measure: text };
const opens = { dashboard: text, filter: text };
const rows = z.exactOptional(z.int().min(1).max(200));
const panel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('number'), ...placed, data: text, measure: text }),
  z.strictObject({ kind: z.literal(['line', 'bars']), ...over }),
  z.strictObject({
    kind: z.literal('ranking'),
    ...over,
    top: z.exactOptional(z.int().min(1).max(100)),
    from: z.exactOptional(z.enum(['greatest', 'least'])),
    opens: z.exactOptional(z.strictObject(opens)),
  }),
  z.strictObject({ kind: z.literal('share'), ...over }),
  z.strictObject({ kind: z.literal('map'), country: z.enum(['BR', 'US']), ...over }),
  z.strictObject({
    kind: z.literal('table'),
    ...placed,
    data: text,
    by: z.array(text).min(1).readonly(),
    measures: z.array(text).min(1).readonly(),
    rows,
    sort: z.exactOptional(z.strictObject({ by: text, descending: z.exactOptional(z.boolean()) })),
    opens: z.exactOptional(z.strictObject({ ...opens, by: text })),
  }),
  z.strictObject({ kind: z.literal('select'), ...placed, select: text, rows }),
  z.strictObject({ kind: z.literal('text'), title: z.exactOptional(text), text, width }),
]);

const dashboard = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: olist-segments'),
  title: text,
  description: text,
  pipeline: text,
  data: z.record(names, data),
  filters: z.exactOptional(z.array(text).readonly()),
  panels: z.array(panel).min(1).readonly(),
});

/** Holds a definition against what types say, for those who were not asked. @throws {InvalidInput} with all problems */
export function resolveDashboard(written: unknown): Dashboard {
  const parsed = dashboard.safeParse(written);
  const said = (written as { readonly name?: unknown } | null)?.name;
  const subject = `Dashboard '${typeof said === 'string' ? said : '?'}'`;
  if (!parsed.success)
    throw new InvalidInput(
      subject,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${wordsOf(issue)}`),
    );
  const problems = [...dataProblems(parsed.data), ...panelProblems(parsed.data)];
  if (problems.length) throw new InvalidInput(subject, problems);
  return parsed.data;
}

/** The dimension whose values lead to another dashboard. */
export function leadsBy(panel: Extract<DataPanel, { readonly kind: 'ranking' | 'table' }>): string {
  return panel.kind === 'table' ? (panel.opens?.by ?? '') : panel.by;
}

function twice(field: string, names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) < at))].map(
    (name) => `${field}: '${name}' is named twice.`,
  );
}

function unknown(field: string, what: string, name: string, known: readonly string[]): string[] {
  return known.includes(name) ? [] : [`${field}: there is no ${what} '${name}'${hint(name, known)}`];
}

function dataProblems({ data, filters = [] }: Dashboard): string[] {
  const dimensions = Object.values(data).flatMap((each) => Object.keys(each.dimensions));
  return [
    ...filters.flatMap((name, at) => unknown(`filters.${at}`, 'dimension', name, dimensions)),
    ...twice('filters', filters),
    ...filters.flatMap((filter) => {
      const cuts = Object.entries(data).flatMap(
        ([
          name,
          {
            dimensions: { [filter]: of },
          },
        ]) => (of ? [{ name, by: of.by ?? 'nothing' }] : []),
      );
      const other = cuts.find(({ by }) => by !== cuts[0]?.by);
      return cuts[0] && other
        ? [
            `filters: '${filter}' is cut to ${cuts[0].by} in '${cuts[0].name}' and to ${other.by} in '${other.name}': a value of the one is none of the other. Cut both alike, or call one otherwise.`,
          ]
        : [];
    }),
    ...Object.entries(data).flatMap(([name, each]) => [
      ...Object.keys(each.dimensions)
        .filter((dimension) => dimension in each.measures)
        .map((both) => `data.${name}: '${both}' is both a dimension and a measure; rename one.`),
      ...sumColumns(each.measures)
        .filter(
          ({ name: column, measure }) =>
            column !== measure && (column in each.dimensions || column in each.measures),
        )
        .map(
          ({ name: column, measure }) =>
            `data.${name}: '${column}' is named twice: the mean '${measure}' travels by that name; rename one.`,
        ),
      ...Object.entries(each.measures).flatMap(([measure, of]) =>
        'ratio' in of
          ? of.ratio.flatMap((part) =>
              part in each.measures && !sumsOf(each.measures).includes(part)
                ? [
                    `data.${name}.measures.${measure}.ratio: '${part}' is a mean or a ratio itself; only what is counted or added up can be divided.`,
                  ]
                : unknown(`data.${name}.measures.${measure}.ratio`, 'measure', part, sumsOf(each.measures)),
            )
          : 'distinct' in of && of.of !== undefined
            ? unknown(`data.${name}.measures.${measure}.of`, 'join', of.of, Object.keys(each.joins ?? {}))
            : [],
      ),
      ...Object.entries(each.dimensions).flatMap(([dimension, { short, by, order }]) =>
        short && (by !== undefined || order)
          ? [
              `data.${name}.dimensions.${dimension}: 'short' is for ids, and goes neither with 'by' nor with 'order'.`,
            ]
          : short && filters.includes(dimension)
            ? [
                `filters: '${dimension}' of '${name}' is 'short'; its whole values are not on the page to choose from.`,
              ]
            : [],
      ),
      ...Object.entries(each.dimensions).flatMap(([dimension, { of }]) =>
        of === undefined
          ? []
          : unknown(`data.${name}.dimensions.${dimension}.of`, 'join', of, Object.keys(each.joins ?? {})),
      ),
      ...(each.joins && each.mart in each.joins
        ? [`data.${name}.joins: '${each.mart}' is the data's own mart; call the join otherwise.`]
        : []),
      ...(each.where === undefined
        ? []
        : conditionProblems(each.where).map((problem) => `data.${name}.where: ${problem}`)),
    ]),
  ];
}

/** What can be divided: what is added up or counted. */
function sumsOf(measures: Dashboard['data'][string]['measures']): string[] {
  return Object.entries(measures).flatMap(([name, of]) =>
    'count' in of || 'sum' in of || 'distinct' in of ? [name] : [],
  );
}

function panelProblems({ data, panels }: Dashboard): string[] {
  return panels.flatMap((panel, at) => {
    if (panel.kind === 'text' || panel.kind === 'select') return [];
    const field = `panels.${at} ('${panel.title}')`;
    const of = data[panel.data];
    if (!of) return unknown(`${field}.data`, 'data', panel.data, Object.keys(data));
    const dimensions = Object.keys(of.dimensions);
    const measures = Object.keys(of.measures);
    const by = 'by' in panel ? [panel.by].flat() : [];
    const shown = panel.kind === 'table' ? panel.measures : [panel.measure];
    return [
      ...twice(`${field}.by`, by),
      ...twice(`${field}.measures`, shown),
      ...by.flatMap((name) => unknown(`${field}.by`, 'dimension', name, dimensions)),
      ...shown.flatMap((name) => unknown(`${field}.measure`, 'measure', name, measures)),
      ...(panel.kind === 'share' && 'distinct' in (of.measures[panel.measure] ?? {})
        ? [
            `${field}.measure: what '${panel.measure}' counts may be in several parts, which then are more than the whole; show it as bars.`,
          ]
        : []),
      ...(panel.kind === 'table' && panel.sort
        ? unknown(`${field}.sort`, 'column', panel.sort.by, [...panel.by, ...panel.measures])
        : []),
      ...(panel.kind === 'table' && panel.opens
        ? unknown(`${field}.opens.by`, 'column', panel.opens.by, panel.by)
        : []),
      ...('opens' in panel && of.dimensions[leadsBy(panel)]?.short
        ? [`${field}.opens: '${leadsBy(panel)}' is 'short'; its whole values are not on the page to lead on.`]
        : []),
    ];
  });
}

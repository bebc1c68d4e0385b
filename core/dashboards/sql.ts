import type { DataDefinition, DimensionDefinition, MeasureDefinition } from './definition.ts';

/** A column of the select that is added up: of a mean, two of them. */
export interface SumColumn {
  readonly name: string;
  readonly sql: string;
  /** Of the measure that it is for, where floating point is cut to so many digits. */
  readonly measure: string;
}

/**
 * The select behind a dashboard's data: rows of a mart, grouped by all dimensions and by the keys that are counted, in words that DuckDB and Redshift both understand.
 * @param schema where the mart is
 */
export function selectOf(schema: string, definition: DataDefinition): string {
  const { mart, joins = {}, dimensions, measures, where } = definition;
  // Where there is one mart alone, its columns need no name before them.
  const own = Object.keys(joins).length ? `${quoted(mart)}.` : '';
  const grouped = Object.entries(dimensions).map(([name, each]) => {
    const place = each.of === undefined ? own : `${quoted(each.of)}.`;
    return `${dimensionSql(name, each, place)} as ${quoted(name)}`;
  });
  const joined = Object.entries(joins).map(([name, { mart: other, on }]) => {
    const keys = Object.entries(on).map(
      ([key, column]) => `${quoted(name)}.${quoted(key)} = ${own}${quoted(column)}`,
    );
    return `left join ${quoted(schema)}.${quoted(other)} as ${quoted(name)} on ${keys.join(' and ')}`;
  });
  const summed = sumColumns(measures, own).map(({ name, sql }) => `${sql} as ${quoted(name)}`);
  const keys = Object.entries(measures).flatMap(([name, measure]) => {
    if (!('distinct' in measure)) return [];
    const place = measure.of === undefined ? own : `${quoted(measure.of)}.`;
    return [`${place}${quoted(measure.distinct)} as ${quoted(name)}`];
  });
  const positions = [...grouped, ...keys].map((_, at) => at + 1).join(', ');
  return [
    `select\n  ${[...grouped, ...keys, ...summed].join(',\n  ')}`,
    `from ${quoted(schema)}.${quoted(mart)}`,
    ...joined,
    ...(where === undefined ? [] : [`where ${where}`]),
    ...(positions ? [`group by ${positions}`, `order by ${positions}`] : []),
  ].join('\n');
}

/** What is added up for the measures, in their order; ratios are made of others. */
export function sumColumns(measures: Readonly<Record<string, MeasureDefinition>>, place = ''): SumColumn[] {
  return Object.entries(measures).flatMap(([measure, of]): SumColumn[] => {
    if ('count' in of) return [{ name: measure, sql: 'count(*)', measure }];
    if ('sum' in of) return [{ name: measure, sql: `sum(${summand(of.sum, of.scale, place)})`, measure }];
    if ('ratio' in of || 'distinct' in of) return [];
    return [
      { name: `${measure}_sum`, sql: `sum(${summand(of.mean, of.scale, place)})`, measure },
      { name: `${measure}_count`, sql: `count(${place}${quoted(of.mean)})`, measure },
    ];
  });
}

/** Columns that a definition names, with what names them, and the mart that has them. */
export function columnsNamed({
  mart,
  joins = {},
  dimensions,
  measures,
}: DataDefinition): { readonly by: string; readonly mart: string; readonly column: string }[] {
  return [
    ...Object.entries(joins).flatMap(([name, { mart: other, on }]) =>
      Object.entries(on).flatMap(([key, column]) => [
        { by: `joins.${name}.on`, mart: other, column: key },
        { by: `joins.${name}.on`, mart, column },
      ]),
    ),
    ...Object.entries(dimensions).map(([name, { column = name, of }]) => ({
      by: `dimensions.${name}`,
      mart: of === undefined ? mart : (joins[of]?.mart ?? mart),
      column,
    })),
    ...Object.entries(measures).flatMap(([name, of]) => {
      if ('sum' in of) return [{ by: `measures.${name}`, mart, column: of.sum }];
      if ('distinct' in of) {
        const place = of.of === undefined ? mart : (joins[of.of]?.mart ?? mart);
        return [{ by: `measures.${name}`, mart: place, column: of.distinct }];
      }
      return 'mean' in of ? [{ by: `measures.${name}`, mart, column: of.mean }] : [];
    }),
  ];
}

/** The data's own mart, and those that it joins. */
export function martsOf({ mart, joins = {} }: DataDefinition): string[] {
  return [...new Set([mart, ...Object.values(joins).map((each) => each.mart)])];
}

/** One key that a joined mart has more than one row of, for each join: selects that give nothing where sums are what they should be. */
export function doubledKeys(
  schema: string,
  { joins = {} }: DataDefinition,
): { readonly join: string; readonly mart: string; readonly sql: string }[] {
  return Object.entries(joins).map(([join, { mart, on }]) => {
    const columns = Object.keys(on).map(quoted);
    const keys = columns.join(', ');
    // A key that is not there joins nothing.
    const there = columns.map((column) => `${column} is not null`).join(' and ');
    const sql = `select ${keys} from ${quoted(schema)}.${quoted(mart)} where ${there} group by ${keys} having count(*) > 1 limit 1`;
    return { join, mart, sql };
  });
}

function summand(column: string, scale: number | undefined, place: string): string {
  const named = `${place}${quoted(column)}`;
  return scale === undefined ? named : `cast(${named} as decimal(38, ${scale}))`;
}

function dimensionSql(name: string, { column = name, by }: DimensionDefinition, place: string): string {
  const named = `${place}${quoted(column)}`;
  return by === undefined ? named : `cast(date_trunc('${by}', ${named}) as date)`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

import type { DataDefinition, DimensionDefinition, MeasureDefinition } from './definition.ts';

/** A column of the select that is added up: of a mean, two of them. */
export interface SumColumn {
  readonly name: string;
  readonly sql: string;
  /** Of the measure that it is for, where floating point is cut to so many digits. */
  readonly measure: string;
}

/**
 * The select behind a dashboard's data: rows of a mart, grouped by all dimensions, in words that DuckDB and Redshift both understand.
 * @param schema where the mart is
 */
export function selectOf(schema: string, { mart, dimensions, measures, where }: DataDefinition): string {
  const grouped = Object.entries(dimensions).map(
    ([name, each]) => `${dimensionSql(name, each)} as ${quoted(name)}`,
  );
  const summed = sumColumns(measures).map(({ name, sql }) => `${sql} as ${quoted(name)}`);
  const positions = grouped.map((_, at) => at + 1).join(', ');
  return [
    `select\n  ${[...grouped, ...summed].join(',\n  ')}`,
    `from ${quoted(schema)}.${quoted(mart)}`,
    ...(where === undefined ? [] : [`where ${where}`]),
    ...(positions ? [`group by ${positions}`, `order by ${positions}`] : []),
  ].join('\n');
}

/** What is added up for the measures, in their order; ratios are made of others. */
export function sumColumns(measures: Readonly<Record<string, MeasureDefinition>>): SumColumn[] {
  return Object.entries(measures).flatMap(([measure, of]): SumColumn[] => {
    if ('count' in of) return [{ name: measure, sql: 'count(*)', measure }];
    if ('sum' in of) return [{ name: measure, sql: `sum(${summand(of.sum, of.scale)})`, measure }];
    if ('ratio' in of) return [];
    return [
      { name: `${measure}_sum`, sql: `sum(${summand(of.mean, of.scale)})`, measure },
      { name: `${measure}_count`, sql: `count(${quoted(of.mean)})`, measure },
    ];
  });
}

/** Columns of the mart that a definition names, with what names them. */
export function columnsNamed({
  dimensions,
  measures,
}: DataDefinition): { readonly by: string; readonly column: string }[] {
  return [
    ...Object.entries(dimensions).map(([name, { column = name }]) => ({ by: `dimensions.${name}`, column })),
    ...Object.entries(measures).flatMap(([name, of]) => {
      if ('sum' in of) return [{ by: `measures.${name}`, column: of.sum }];
      return 'mean' in of ? [{ by: `measures.${name}`, column: of.mean }] : [];
    }),
  ];
}

function summand(column: string, scale: number | undefined): string {
  return scale === undefined ? quoted(column) : `cast(${quoted(column)} as decimal(38, ${scale}))`;
}

function dimensionSql(name: string, { column = name, by }: DimensionDefinition): string {
  return by === undefined ? quoted(column) : `cast(date_trunc('${by}', ${quoted(column)}) as date)`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

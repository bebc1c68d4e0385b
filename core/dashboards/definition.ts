/** How fine a date is cut. */
export const GRAINS = ['day', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** What numbers are grouped and filtered by: a column, or a date of one. */
export interface DimensionDefinition {
  readonly label?: string;
  /** The dimension's own name when absent. */
  readonly column?: string;
  /** Of a date or time: what it is cut to. */
  readonly by?: Grain;
  /** Values in the order in which people expect them; the others follow. */
  readonly order?: readonly string[];
}

interface MeasureWords {
  readonly label?: string;
  /** `BRL` and `USD` are written as money; `%` multiplies by 100; anything else stands behind the number. */
  readonly unit?: string;
  /** Digits behind the point that are shown; of a sum all that it has when absent. */
  readonly decimals?: number;
}

/** What is added up. Averages travel as a sum and a count; a distinct count cannot be added up: count the rows of a mart of that grain. */
export type MeasureDefinition = MeasureWords &
  (
    | { readonly count: true }
    /** A column of whole numbers or decimals; of floating point, only one that is 0 or 1, or that `scale` cuts to so many digits. */
    | { readonly sum: string; readonly scale?: number }
    /** The mean of a column over rows that have a value. */
    | { readonly mean: string; readonly scale?: number }
    /** One count or sum of the same data divided by another. */
    | { readonly ratio: readonly [string, string] }
  );

/** Rows of one mart, grouped by all dimensions. */
export interface DataDefinition {
  /** A model in the schema of the dashboard's pipeline. */
  readonly mart: string;
  readonly dimensions: Readonly<Record<string, DimensionDefinition>>;
  readonly measures: Readonly<Record<string, MeasureDefinition>>;
  /** A condition over columns of the mart, in SQL that both DuckDB and Redshift understand. */
  readonly where?: string;
}

type DataOf = Readonly<Record<string, DataDefinition>>;
type Names<T> = keyof T & string;

interface Placed {
  readonly title: string;
  /** A sentence under the title. */
  readonly note?: string;
  readonly width?: 'third' | 'half' | 'full';
}

/** Where a value leads: to another dashboard that is filtered by it. */
export interface Opens {
  readonly dashboard: string;
  /** A filter there. */
  readonly filter: string;
}

type PanelOver<K extends string, D extends string, M extends string> = Placed & { readonly data: K } & (
    | { readonly kind: 'number'; readonly measure: M }
    | { readonly kind: 'line' | 'bars'; readonly by: D; readonly measure: M }
    | {
        readonly kind: 'ranking';
        readonly by: D;
        readonly measure: M;
        /** How many are shown (default 10). */
        readonly top?: number;
        readonly from?: 'greatest' | 'least';
        readonly opens?: Opens;
      }
    | { readonly kind: 'share'; readonly by: D; readonly measure: M }
    | { readonly kind: 'map'; readonly country: 'BR' | 'US'; readonly by: D; readonly measure: M }
    | {
        readonly kind: 'table';
        readonly by: readonly D[];
        readonly measures: readonly M[];
        /** Of a page (default 10). */
        readonly rows?: number;
        readonly sort?: { readonly by: D | M; readonly descending?: boolean };
        readonly opens?: Opens & { readonly by: D };
      }
  );

/** A table of a select of its own, which may read marts only. Filters do not reach it. */
export interface SelectPanel extends Placed {
  readonly kind: 'select';
  readonly select: string;
  readonly rows?: number;
}

export interface TextPanel {
  readonly kind: 'text';
  readonly title?: string;
  readonly text: string;
  readonly width?: Placed['width'];
}

/** A panel over one of the dashboard's data: what it names must be there. */
export type PanelDefinition<D extends DataOf = DataOf> =
  | { [K in Names<D>]: PanelOver<K, Names<D[K]['dimensions']>, Names<D[K]['measures']>> }[Names<D>]
  | SelectPanel
  | TextPanel;

type DimensionsOf<D extends DataOf> = { [K in Names<D>]: Names<D[K]['dimensions']> }[Names<D>];

export interface DashboardDefinition<D extends DataOf = DataOf> {
  /** kebab-case: its address. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whose marts it shows; its runs publish it. */
  readonly pipeline: string;
  readonly data: D;
  /** Dimensions that people choose values of, over all data that have them. */
  readonly filters?: readonly DimensionsOf<D>[];
  readonly panels: readonly PanelDefinition<D>[];
}

/** Checks names of data, dimensions, measures and panels as they are written; `sluice validate` checks marts and columns. */
export function defineDashboard<const D extends DataOf>(
  definition: DashboardDefinition<D>,
): DashboardDefinition<D> {
  return definition;
}

/** How fine a date is cut. */
export const GRAINS = ['day', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** What numbers are grouped and filtered by: a column, or a date of one. */
export interface DimensionDefinition {
  /** What people call it; made of its name when absent. */
  readonly label?: string;
  /** The dimension's own name when absent. */
  readonly column?: string;
  /** The joined mart that has the column, by its name in `joins`; the data's own when absent. */
  readonly of?: string;
  /** Of a date or time: what it is cut to. */
  readonly by?: Grain;
  /** Values in the order in which people expect them; the others follow. */
  readonly order?: readonly string[];
  /**
   * Of long ids, which weigh more than all numbers of a page: their beginnings travel, as long as tells them apart (`4244733e…`). Nothing is
   * filtered by it, and it leads nowhere.
   */
  readonly short?: true;
}

interface MeasureWords {
  /** What people call it; made of its name when absent. */
  readonly label?: string;
  /** `BRL` and `USD` are written as money; `%` multiplies by 100; anything else stands behind the number. */
  readonly unit?: string;
  /** Digits behind the point that are shown; of a sum all that it has when absent. */
  readonly decimals?: number;
}

/** What is added up. Averages travel as a sum and a count. A distinct count cannot be added up: each row travels with a number for its key, and keys are counted. */
export type MeasureDefinition = MeasureWords &
  (
    | { readonly count: true }
    /** A column of whole numbers or decimals; of floating point only with `scale`, which cuts it to so many digits. */
    | { readonly sum: string; readonly scale?: number }
    /** The mean of a column over rows that have a value. */
    | { readonly mean: string; readonly scale?: number }
    /** How many values of a column there are, orders among their lines: rows are those of each, which weigh more. `of`: the joined mart that has it. */
    | { readonly distinct: string; readonly of?: string }
    /** One count or sum of the same data divided by another. */
    | { readonly ratio: readonly [string, string] }
  );

/** Another mart that rows of the data's own refer to. */
export interface JoinDefinition {
  /** A model in the schema of the dashboard's pipeline. */
  readonly mart: string;
  /** Its key, as columns of it with those of the data's mart that refer to them. One row for each key, or the page is not made. */
  readonly on: Readonly<Record<string, string>>;
}

/** Rows of one mart, grouped by all dimensions. */
export interface DataDefinition {
  /** A model in the schema of the dashboard's pipeline. */
  readonly mart: string;
  /** Marts that its rows refer to, by names of your own, for dimensions. A row that refers to none stays, with NULL. */
  readonly joins?: Readonly<Record<string, JoinDefinition>>;
  /** By the names that panels use. */
  readonly dimensions: Readonly<Record<string, DimensionDefinition>>;
  /** By the names that panels use. */
  readonly measures: Readonly<Record<string, MeasureDefinition>>;
  /** A condition over columns of the mart, in SQL that both DuckDB and Redshift understand. */
  readonly where?: string;
}

type DataOf = Readonly<Record<string, DataDefinition>>;
type Names<T> = keyof T & string;

interface Placed {
  /** Its heading. */
  readonly title: string;
  /** A sentence under the title. */
  readonly note?: string;
  /** Of the page, where there is room; by its kind when absent. */
  readonly width?: 'third' | 'half' | 'full';
}

/** Where a value leads: to another dashboard that is filtered by it. */
export interface Opens {
  /** Its name. */
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
  /** What it is. */
  readonly kind: 'select';
  /** One SELECT over marts of the dashboard's pipeline. */
  readonly select: string;
  /** Of a page (default 10). */
  readonly rows?: number;
}

export interface TextPanel {
  /** What it is. */
  readonly kind: 'text';
  /** Its heading. */
  readonly title?: string;
  /** What it says; not markup. */
  readonly text: string;
  /** As of other panels. */
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
  /** What people call it. */
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly description: string;
  /** Whose marts it shows; its runs publish it. */
  readonly pipeline: string;
  /** What panels show, by the names that they use. */
  readonly data: D;
  /** Dimensions that people choose values of, over all data that have them. */
  readonly filters?: readonly DimensionsOf<D>[];
  /** In the order of the page. */
  readonly panels: readonly PanelDefinition<D>[];
}

/** Checks names of data, dimensions, measures and panels as they are written; `sluice validate` checks marts and columns. */
export function defineDashboard<const D extends DataOf>(
  definition: DashboardDefinition<D>,
): DashboardDefinition<D> {
  return definition;
}

/**
 * Where the rows of a raw table lie in a warehouse that spreads them over machines (Redshift). DuckDB has one file and takes no notice.
 * Applied when the table is made; a table that has other keys gets these from `sluice warehouse care`, or from a task `care`.
 * https://docs.aws.amazon.com/redshift/latest/dg/t_Distributing_data.html
 */
export interface WarehouseLayout {
  /** `key`: rows of one value together, for tables that are joined by it; `all`: a copy everywhere, for small tables. The warehouse's choice when absent. */
  readonly dist?: 'auto' | 'even' | 'all' | { readonly key: string } | undefined;
  /** Columns that rows are kept in the order of: what queries filter by. */
  readonly sort?: readonly string[] | undefined;
}

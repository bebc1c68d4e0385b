import type { Care, WantedLayout } from './care.ts';
import { rawSchema, schemasOf } from './pipeline.ts';

interface Named {
  readonly schema: string;
  readonly table: string;
}

/** What of a pipeline is cared for, by the names that it has in the warehouse: the tables that are named, or all of its schemas. */
export function caredTables(
  pipeline: string,
  { tables, layout, layouts }: Pick<Care, 'tables' | 'layout' | 'layouts'>,
): {
  readonly schemas: readonly string[];
  readonly tables: readonly Named[] | undefined;
  readonly layouts: readonly (Named & Pick<WantedLayout, 'layout'>)[];
} {
  const schema = rawSchema(pipeline);
  return {
    schemas: tables ? [schema] : schemasOf(pipeline),
    tables: tables?.map((table) => ({ schema, table })),
    layouts: layout ? layouts.map((each) => ({ schema, ...each })) : [],
  };
}

/** The keys that a pipeline's tables are to have, of those that say any. */
export function layoutsOf(
  tables: readonly { readonly name: string; readonly warehouse?: WantedLayout['layout'] | undefined }[],
): readonly WantedLayout[] {
  return tables.flatMap(({ name, warehouse }) => (warehouse ? [{ table: name, layout: warehouse }] : []));
}

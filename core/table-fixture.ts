import type { ResolvedTable } from './pipeline.ts';

/** A table as a definition resolves to, for tests of what is done with one: a snapshot that replaces, unless its fields say otherwise. */
export function aTable(fields: Partial<ResolvedTable> = {}): ResolvedTable {
  return {
    name: 'orders',
    domain: 'sales',
    from: 'orders',
    extract: { mode: 'snapshot' },
    write: 'replace',
    primaryKey: ['id'],
    exclude: [],
    types: {},
    onSchemaChange: 'evolve',
    minRows: 0,
    ...fields,
  };
}

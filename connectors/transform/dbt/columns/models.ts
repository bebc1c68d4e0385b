import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BuiltModels, ModelColumn, ModelNode, TableColumns } from '../../../../core/lineage/models.ts';
import { columnsOf, type TableOf } from './origins.ts';
import { SelectParser } from './parse.ts';
import { same, type Columns } from './scope.ts';

const KINDS = ['model', 'seed', 'snapshot'] as const;

/** https://schemas.getdbt.com/dbt/manifest/v12.json; what is read of it. */
const manifest = z.object({
  nodes: z.record(
    z.string(),
    z.object({
      resource_type: z.string(),
      name: z.string(),
      alias: z.string().nullish(),
      schema: z.string().nullish(),
      language: z.string().nullish(),
      compiled_code: z.string().nullish(),
      checksum: z.object({ checksum: z.string() }).nullish(),
      depends_on: z.object({ nodes: z.array(z.string()).default([]) }).prefault({}),
    }),
  ),
  sources: z.record(
    z.string(),
    z.object({ schema: z.string(), name: z.string(), identifier: z.string().nullish() }),
  ),
});

/**
 * What each column of the models is made of, by the SQL that dbt has compiled and the columns that the warehouse has. A column of which that
 * cannot be told exactly has null: its table is all that is known. Those of models that this build has not compiled have null as well.
 * @returns undefined where dbt has left no manifest, or one of another form
 */
export async function builtModels(
  targetPath: string,
  tables: TableColumns,
): Promise<BuiltModels | undefined> {
  const text = await readFile(join(targetPath, 'manifest.json'), 'utf8').catch(() => undefined);
  const read = text === undefined ? undefined : manifest.safeParse(JSON.parse(text));
  if (!read?.success) return undefined;
  const nodes = inOrder([...sourcesOf(read.data), ...modelsOf(read.data)]);
  const there = new Map([...tables].map(([name, columns]) => [name.toLowerCase(), columns]));
  const made = new Map<string, ModelNode>();
  const tableOf: TableOf = (schema, name) => {
    const node = made.get(place(schema, name));
    if (!node?.columns.length) return null;
    return node.columns.map((each) => ({ name: each.name, from: [{ node: node.id, column: each.name }] }));
  };
  return SelectParser.with(async (parser) => {
    for (const { sql, ...node } of nodes) {
      const key = place(node.schema, node.name);
      const parsed = sql === undefined ? undefined : await parser.parse(sql);
      // An incremental model reads itself.
      made.set(key, { ...node, columns: (there.get(key) ?? []).map((each) => ({ ...each, from: null })) });
      const given = parsed ? columnsOf(parsed, tableOf) : null;
      const isMade = node.kind === 'model' || node.kind === 'snapshot';
      const columns = (there.get(key) ?? named(given)).map(({ name, type }) => ({
        name,
        type,
        from: isMade ? fromOf(name, given, node.id) : [],
      }));
      made.set(key, { ...node, columns });
    }
    return { nodes: [...made.values()] };
  });
}

/** What is read before what reads it. */
function inOrder(nodes: readonly Unresolved[]): Unresolved[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const placed = new Set<Unresolved>();
  const add = (node: Unresolved, above: ReadonlySet<string>): void => {
    if (placed.has(node) || above.has(node.id)) return;
    for (const id of node.from) {
      const read = byId.get(id);
      if (read) add(read, new Set([...above, node.id]));
    }
    placed.add(node);
  };
  for (const node of nodes) add(node, new Set());
  return [...placed];
}

/** A view that Redshift binds late is in no catalog: its select says what it has, where each has a name. */
function named(given: Columns): { name: string; type: string }[] {
  if (!given?.every(({ name }) => name !== '')) return [];
  return given.map(({ name }) => ({ name, type: '' }));
}

const place = (schema: string | undefined, name: string) => `${schema ?? ''}.${name}`.toLowerCase();

/** What an incremental model has read of itself was made of the same. */
function fromOf(name: string, given: Columns, self: string): ModelColumn['from'] {
  const [found, ...others] = given?.filter((each) => same(each.name, name)) ?? [];
  if (!found?.from || others.length) return null;
  return found.from.filter(({ node }) => node !== self);
}

type Unresolved = Omit<ModelNode, 'columns'> & { readonly sql: string | undefined };

function modelsOf({ nodes }: z.infer<typeof manifest>): Unresolved[] {
  return Object.entries(nodes).flatMap(([id, node]) => {
    const kind = KINDS.find((each) => each === node.resource_type);
    if (!kind) return [];
    const isSql = kind !== 'seed' && (node.language ?? 'sql') === 'sql';
    return [
      {
        id,
        kind,
        schema: node.schema ?? '',
        name: node.alias ?? node.name,
        from: node.depends_on.nodes,
        // A snapshot adds columns of its own to what its select gives.
        sql: isSql && kind === 'model' ? (node.compiled_code ?? undefined) : undefined,
        digest: node.checksum?.checksum ?? '',
        isCompiled: typeof node.compiled_code === 'string',
      },
    ];
  });
}

function sourcesOf({ sources }: z.infer<typeof manifest>): Unresolved[] {
  return Object.entries(sources).map(([id, { schema, name, identifier }]) => ({
    id,
    kind: 'source',
    schema,
    name: identifier ?? name,
    from: [],
    sql: undefined,
    digest: '',
    isCompiled: true,
  }));
}

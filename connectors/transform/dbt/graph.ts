import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelGraph } from '../port.ts';

const dependsOn = z.object({ nodes: z.array(z.string()).default([]) }).prefault({});

/** https://schemas.getdbt.com/dbt/manifest/v12.json; what is read of it. */
const manifest = z.object({
  nodes: z.record(
    z.string(),
    z.object({
      resource_type: z.string(),
      name: z.string(),
      alias: z.string().nullish(),
      schema: z.string().nullish(),
      depends_on: dependsOn,
      attached_node: z.string().nullish(),
      column_name: z.string().nullish(),
      test_metadata: z.object({ name: z.string() }).nullish(),
    }),
  ),
  sources: z.record(
    z.string(),
    z.object({ schema: z.string(), name: z.string(), identifier: z.string().nullish() }),
  ),
  unit_tests: z
    .record(z.string(), z.object({ name: z.string(), model: z.string(), depends_on: dependsOn }))
    .default({}),
});

/** Undefined where there is none, or it is of another form. */
export async function readGraph(targetPath: string): Promise<ModelGraph | undefined> {
  const text = await readFile(join(targetPath, 'manifest.json'), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : manifest.safeParse(JSON.parse(text));
  return parsed?.success ? graphOf(parsed.data) : undefined;
}

function graphOf({ nodes, sources, unit_tests: units }: z.infer<typeof manifest>): ModelGraph {
  const all = Object.entries(nodes);
  const tests = all.filter(([, node]) => node.resource_type === 'test');
  const nameOf = (id: string) => id.split('.').slice(2).join('.');
  return {
    nodes: [
      ...all
        .filter(([, node]) => ['model', 'seed', 'snapshot'].includes(node.resource_type))
        .map(([id, node]) => ({
          id,
          schema: node.schema ?? '',
          name: node.alias ?? node.name,
          from: node.depends_on.nodes,
        })),
      ...Object.entries(sources).map(([id, { schema, name, identifier }]) => ({
        id,
        schema,
        name: identifier ?? name,
        from: [],
      })),
    ],
    checks: [
      ...tests.map(
        ([id, { name, attached_node: on, column_name: column, test_metadata: kind, depends_on: needs }]) => ({
          id,
          name: kind && on ? `${kind.name} ${nameOf(on)}${column ? `.${column}` : ''}` : name,
          on: on ? [on] : needs.nodes,
        }),
      ),
      ...Object.entries(units).map(([id, { name, model, depends_on: needs }]) => ({
        id,
        name: `unit test ${name}`,
        on: all
          .filter(
            ([, node]) =>
              node.name === model && needs.nodes.includes(`model.${id.split('.')[1] ?? ''}.${model}`),
          )
          .map(([model]) => model),
      })),
    ],
  };
}

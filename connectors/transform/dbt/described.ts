import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const described = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        columns: z.array(z.object({ name: z.string() })).default([]),
      }),
    )
    .default([]),
});

/** Every model of a project by name, with the columns that its YAML describes; none where nobody has described any. */
export function describedModels(projectDir: string): ReadonlyMap<string, readonly string[]> {
  const folder = join(projectDir, 'models');
  const models = new Map<string, readonly string[]>();
  if (!existsSync(folder)) return models;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  for (const file of files) {
    const [, name] = /([^/]+)\.(?:sql|py)$/.exec(file) ?? [];
    if (name !== undefined && !models.has(name)) models.set(name, []);
    if (!/\.ya?ml$/.test(file)) continue;
    // What dbt itself cannot read it will say, in words of its own.
    const parsed = described.safeParse(read(join(folder, file)));
    for (const { name, columns } of parsed.success ? parsed.data.models : [])
      models.set(
        name,
        columns.map((column) => column.name),
      );
  }
  return models;
}

function read(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../../../core/errors.ts';
import type { LogReader } from './log.ts';
import type { RunResults } from './results.ts';

/** https://schemas.getdbt.com/dbt/manifest/v12.json; what is read of it. */
const node = z.object({
  depends_on: z
    .object({ nodes: z.array(z.string()) })
    .partial()
    .optional(),
});
const manifest = z.object({
  nodes: z.record(z.string(), node),
  unit_tests: z.record(z.string(), node).default({}),
});

/** What stands in the warehouse, or a file, when it is built: not tests, nor ephemeral models, which have no result at all. */
const BUILT = /^(model|seed|snapshot|function|saved_query)\./;

/** Holds what dbt did against what it was asked for: dbt itself is content with nothing. @throws {TerminalError} a part of the selection matches nothing, or nothing of it is built */
export function mustHaveBuilt(
  { results }: RunResults,
  log: LogReader,
  select: string,
  projectDir: string,
): void {
  if (log.unmatched.length) {
    throw new TerminalError(
      `dbt: the selection ${log.unmatched.map((each) => `'${each}'`).join(', ')} matches no enabled model of ${projectDir}. ` +
        `Correct 'transform.dbt.select' in the pipeline, or give the models that tag; a model with 'enabled: false' is not built.`,
    );
  }
  if (results.some(({ unique_id: id }) => BUILT.test(id))) return;
  const what = results.length
    ? 'only tests'
    : 'only ephemeral models, which are part of those that read them';
  throw new TerminalError(
    `dbt: the selection '${select}' of ${projectDir} has ${what}, so nothing is built. Correct 'transform.dbt.select' in the pipeline: select the models, their tests come with them.`,
  );
}

/** Models among those built that nothing is built upon, marts, and that no test looks at. */
export async function untested(targetPath: string, { results }: RunResults): Promise<string[]> {
  const text = await readFile(join(targetPath, 'manifest.json'), 'utf8').catch(() => '{}');
  const parsed = manifest.safeParse(JSON.parse(text));
  if (!parsed.success) return [];
  const users = [...Object.entries(parsed.data.nodes), ...Object.entries(parsed.data.unit_tests)];
  const used = new Set(users.flatMap(([, { depends_on: on }]) => on?.nodes ?? []));
  return results.map(({ unique_id: id }) => id).filter((id) => id.startsWith('model.') && !used.has(id));
}

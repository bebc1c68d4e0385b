import { Context } from '@temporalio/activity';
import { orAborted } from '../core/abort.ts';
import { messageOf } from '../core/errors.ts';
import { withEarlier, withUpstream, type BuiltModels } from '../core/lineage/models.ts';
import type { RunRef } from '../core/run.ts';
import type { TransformResult } from '../connectors/transform/port.ts';
import type { Connectors } from './connectors.ts';
import { say } from './step-lines.ts';

const MOST_COLUMNS = 100_000;
/** Models are built when it begins: nobody waits longer to know what they are made of. */
const PATIENCE_MS = 60_000;

/** Puts down what the models of a build are made of, for `lineage`. What goes wrong is said, and fails nothing. */
export async function putDownModels(
  connectors: Pick<Connectors, 'warehouse' | 'transform' | 'ledger'>,
  run: RunRef,
  { nodes }: TransformResult,
): Promise<void> {
  const { cancellationSignal } = Context.current();
  const signal = AbortSignal.any([cancellationSignal, AbortSignal.timeout(PATIENCE_MS)]);
  const put = async () => {
    const found = await modelsNow(connectors, run.pipeline, signal);
    if (!found) return;
    const built = withUpstream(found, new Set(nodes.filter(({ kind }) => isBuilt(kind)).map(({ id }) => id)));
    const earlier = await connectors.ledger.models(run.pipeline);
    await connectors.ledger.recordModels(run, withEarlier(built, earlier?.models));
  };
  try {
    await orAborted(put(), signal);
  } catch (error) {
    cancellationSignal.throwIfAborted();
    say(
      `What the models are made of could not be put down; 'sluice lineage' shows it as it was: ${messageOf(error)}`,
      'warn',
    );
  }
}

const isBuilt = (kind: TransformResult['nodes'][number]['kind']) =>
  ['model', 'seed', 'snapshot'].includes(kind);

async function modelsNow(
  { warehouse, transform }: Pick<Connectors, 'warehouse' | 'transform'>,
  pipeline: string,
  signal: AbortSignal,
): Promise<BuiltModels | undefined> {
  const { rows } = await warehouse.query(COLUMNS, { limit: MOST_COLUMNS, signal });
  const tables = new Map<string, { name: string; type: string }[]>();
  for (const row of rows) {
    const key = `${String(row['table_schema'])}.${String(row['table_name'])}`;
    const column = { name: String(row['column_name']), type: String(row['data_type']) };
    tables.set(key, [...(tables.get(key) ?? []), column]);
  }
  return transform.models(pipeline, tables);
}

/** The same on DuckDB and Redshift. */
const COLUMNS = `select table_schema, table_name, column_name, data_type from information_schema.columns
where table_schema not in ('information_schema', 'pg_catalog', '_sluice')
order by table_schema, table_name, ordinal_position`;

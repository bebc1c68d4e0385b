import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf } from '../../../core/errors.ts';
import { messageOfDbt } from './message.ts';
import type { NodeResult } from '../port.ts';

/** https://schemas.getdbt.com/dbt/run-results/v6.json; what we do not read is kept, since a resume hands it back. */
const result = z.looseObject({
  unique_id: z.string(),
  status: z.string(),
  execution_time: z.number(),
  message: z.string().nullish(),
  adapter_response: z.looseObject({ rows_affected: z.number().optional() }).optional(),
});
const runResults = z.looseObject({ results: z.array(result) });

export type RunResults = z.infer<typeof runResults>;
type Result = RunResults['results'][number];

const successful = new Set(['success', 'pass', 'warn', 'no-op']);

/** Undefined when there is none, or it is not one: dbt was killed, or failed before it ran a node. */
export async function readResults(path: string): Promise<RunResults | undefined> {
  try {
    return runResults.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path} could not be read: ${messageOf(error)}`, { cause: error });
  }
}

export function isSuccessful(node: Pick<Result, 'status'>): boolean {
  return successful.has(node.status);
}

/** The latest word on every node of an earlier attempt and the one that went on from it. */
export function merge(earlier: RunResults | undefined, later: RunResults): RunResults {
  if (earlier === undefined) return later;
  const again = new Set(later.results.map((node) => node.unique_id));
  const kept = earlier.results.filter((node) => !again.has(node.unique_id));
  return { ...later, results: [...kept, ...later.results] };
}

/** Characters of dbt's message on one node. */
const messageLength = 1_000;

export function toNode(node: Result, clean: (text: string) => string): NodeResult {
  const failed = !isSuccessful(node) || node.status === 'warn';
  return {
    id: node.unique_id,
    kind: kindOf(node.unique_id),
    status: statusOf(node.status),
    seconds: node.execution_time,
    rows: rowsOf(node),
    message: failed && node.message ? messageOfDbt(clean(node.message)).slice(0, messageLength) : null,
  };
}

function kindOf(id: string): NodeResult['kind'] {
  const kind = id.split('.', 1)[0];
  switch (kind) {
    case 'model':
    case 'test':
    case 'unit_test':
    case 'seed':
    case 'snapshot':
      return kind;
    default:
      return 'other';
  }
}

function statusOf(status: string): NodeResult['status'] {
  switch (status) {
    case 'pass':
    case 'success':
    case 'no-op':
      return 'success';
    case 'warn':
    case 'fail':
    case 'skipped':
      return status;
    default:
      return 'error';
  }
}

/** Redshift tells rows; DuckDB says -1 or nothing. */
function rowsOf(node: Result): number | null {
  const rows = node.adapter_response?.rows_affected;
  return rows === undefined || rows < 0 ? null : rows;
}

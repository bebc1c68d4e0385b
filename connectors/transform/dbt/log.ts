import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { TransformProgress } from '../port.ts';

const entry = z.object({
  info: z.object({ name: z.string(), level: z.string(), msg: z.string() }),
  data: z
    .object({
      total: z.number(),
      num_models: z.number(),
      path: z.string(),
      exc: z.string(),
      spec_raw: z.string(),
      node_info: z.object({ unique_id: z.string() }).partial(),
    })
    .partial(),
});

/** Events that end a node: https://github.com/dbt-labs/dbt-common (types.proto). Skips are told one by one. */
const nodeEnds = new Set([
  'LogModelResult',
  'LogTestResult',
  'LogSeedResult',
  'LogSnapshotResult',
  'LogNodeResult',
  'LogNodeNoOpResult',
  'LogFunctionResult',
  'SkippingDetails',
]);

/** Messages kept when dbt fails before it runs a node. */
const keptErrors = 5;

/** Reads dbt's log as it comes: progress, where compiled SQL is, and what went wrong before any node ran. */
export class LogReader {
  readonly #onProgress: ((progress: TransformProgress) => void) | undefined;
  readonly #compiled = new Map<string, string>();
  readonly #errors: string[] = [];
  readonly #unmatched = new Set<string>();
  #done = 0;
  #total = 0;

  constructor(onProgress: ((progress: TransformProgress) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  /** Takes a line of standard output. What is not a log entry is passed over. */
  read(line: string): void {
    const parsed = entry.safeParse(jsonOf(line));
    if (!parsed.success) return;
    const { info, data } = parsed.data;
    const node = data.node_info?.unique_id ?? '';
    if (info.name === 'SQLCompiledPath' && data.path !== undefined) this.#compiled.set(node, data.path);
    if (info.name === 'NoNodesForSelectionCriteria' && data.spec_raw !== undefined)
      this.#unmatched.add(data.spec_raw);
    if (info.name === 'MainEncounteredError' && this.#errors.length < keptErrors) {
      this.#errors.push(data.exc ?? info.msg);
    }
    if (info.name === 'LogStartLine' || nodeEnds.has(info.name)) {
      // Tests say `num_models`; both count every node, unit tests too.
      this.#total = data.total ?? data.num_models ?? this.#total;
      if (nodeEnds.has(info.name)) this.#done += 1;
      this.#onProgress?.({ done: this.#done, total: this.#total, node, text: plain(info.msg) });
    }
  }

  /** Where the SQL of a failed node lies, if dbt said so. */
  compiledPath(node: string): string | undefined {
    return this.#compiled.get(node);
  }

  /** Parts of a selection that match nothing. */
  get unmatched(): readonly string[] {
    return [...this.#unmatched];
  }

  /** Why dbt gave up as a whole. */
  get errors(): readonly string[] {
    return this.#errors;
  }
}

/** Without colours. */
function plain(message: string): string {
  return stripVTControlCharacters(message).trim();
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

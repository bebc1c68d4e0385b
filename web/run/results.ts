import { z } from 'zod';
import type { AttemptRecord, StepRecord } from '../../connectors/ledger/port.ts';

/** A node that dbt built or tested. */
export interface DbtNode {
  readonly id: string;
  readonly milliseconds: number;
  readonly outcome: 'succeeded' | 'failed' | 'skipped' | 'warning';
  readonly message: string | null;
}

/** What a load has brought. */
export interface LoadLine {
  readonly table: string;
  readonly loadId: string;
  readonly rows: number;
  readonly rowsDeleted: number;
  readonly notes: readonly string[];
}

const built = z.object({ milliseconds: z.record(z.string(), z.number()) });
const failed = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      seconds: z.number().nullish(),
      message: z.string().nullish(),
    }),
  ),
});
const loaded = z.object({
  loadId: z.string(),
  rows: z.number(),
  rowsDeleted: z.number().default(0),
  rowsOutdated: z.number().default(0),
  alreadyApplied: z.boolean().default(false),
  schemaChanges: z.array(z.string()).default([]),
  notes: z.array(z.string()).default([]),
});
const warned = z.object({ warnings: z.array(z.string()) });

/** The nodes of a run, longest first: of the build that succeeded, else of the last attempt that failed. */
export function dbtNodes(steps: readonly StepRecord[], attempts: readonly AttemptRecord[]): DbtNode[] {
  const step = steps.find((each) => each.step === 'transform' && each.outcome === 'succeeded');
  const whole = built.safeParse(step?.result);
  if (whole.success)
    return longestFirst(
      Object.entries(whole.data.milliseconds).map(([id, milliseconds]) => ({
        id,
        milliseconds,
        outcome: 'succeeded',
        message: null,
      })),
    );
  const last = attempts.filter((each) => each.step === 'transform' && each.detail !== null).at(-1);
  const parts = failed.safeParse(last?.detail);
  if (!parts.success) return [];
  return longestFirst(
    parts.data.nodes.map(({ id, status, seconds, message }) => ({
      id,
      milliseconds: Math.round((seconds ?? 0) * 1_000),
      outcome: OUTCOMES[status] ?? 'succeeded',
      message: message ?? null,
    })),
  );
}

/** https://docs.getdbt.com/reference/artifacts/run-results-json */
const OUTCOMES: Readonly<Record<string, DbtNode['outcome']>> = {
  error: 'failed',
  fail: 'failed',
  'runtime error': 'failed',
  skipped: 'skipped',
  warn: 'warning',
};

const GRAVITY: readonly DbtNode['outcome'][] = ['failed', 'warning', 'skipped', 'succeeded'];

/** Those that failed before all others. */
function longestFirst(nodes: readonly DbtNode[]): DbtNode[] {
  const gravity = ({ outcome }: DbtNode) => (outcome === 'succeeded' ? 1 : GRAVITY.indexOf(outcome) / 10);
  return [...nodes].sort((a, b) => gravity(a) - gravity(b) || b.milliseconds - a.milliseconds);
}

export function loadLines(steps: readonly StepRecord[]): LoadLine[] {
  return steps.flatMap((step) => {
    const parsed = step.step === 'load' ? loaded.safeParse(step.result) : undefined;
    if (!parsed?.success || step.table === null) return [];
    const { loadId, rows, rowsDeleted, rowsOutdated, alreadyApplied, schemaChanges, notes } = parsed.data;
    return [
      {
        table: step.table,
        loadId,
        rows,
        rowsDeleted,
        notes: [
          ...(alreadyApplied ? ['was applied before'] : []),
          ...(rowsOutdated ? [`${rowsOutdated} rows left out: newer versions are loaded`] : []),
          ...schemaChanges,
          ...notes,
        ],
      },
    ];
  });
}

const publishedPages = z.object({
  dashboards: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      isNew: z.boolean(),
      withheld: z.array(z.string()).default([]),
    }),
  ),
});
export type DashboardLine = z.infer<typeof publishedPages>['dashboards'][number];

/** Dashboards that the run has published, or found as they were. */
export function dashboardLines(steps: readonly StepRecord[]): DashboardLine[] {
  const step = steps.find((each) => each.step === 'pages');
  const parsed = publishedPages.safeParse(step?.result);
  return parsed.success ? parsed.data.dashboards : [];
}

export function warnings(steps: readonly StepRecord[]): string[] {
  return steps.flatMap(({ result }) => {
    const parsed = warned.safeParse(result);
    return parsed.success ? parsed.data.warnings : [];
  });
}

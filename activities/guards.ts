import { Context } from '@temporalio/activity';
import type { GuardingCheck } from '../core/dashboards/publication.ts';
import type { RunRef, TransformStepResult } from '../core/run.ts';
import type { ModelGraph } from '../connectors/transform/port.ts';
import type { Connectors } from './connectors.ts';

/** How the steps ended that numbers stand on. */
export interface Endings {
  readonly transform?: 'succeeded' | 'failed' | 'skipped' | undefined;
  readonly check?: 'succeeded' | 'failed' | 'skipped' | undefined;
  /** What the models and tests gave, where they succeeded. */
  readonly nodes?: TransformStepResult | undefined;
}

/** The checks of a run, by the marts that they guard. */
export interface Guards {
  /** What looked at these marts, or at anything that they are made of. */
  of(marts: readonly string[], schema: string): GuardingCheck[];
  /** Names of a schema's marts, with the schema before them. */
  marts(schema: string): readonly string[];
}

type Outcome = GuardingCheck['outcome'];

/** What is known of a build that failed. */
interface Parts {
  readonly nodes?: readonly { readonly id: string; readonly status: string }[];
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  success: 'passed',
  warn: 'warned',
  error: 'failed',
  fail: 'failed',
  skipped: 'not run',
};

/** Reads how every model and test of the run ended, and what each stands on. */
export async function guardsOf(connectors: Connectors, run: RunRef, endings: Endings): Promise<Guards> {
  const { cancellationSignal } = Context.current();
  const graph: ModelGraph =
    endings.transform === undefined
      ? { nodes: [], checks: [] }
      : await connectors.transform.graph(run.pipeline, cancellationSignal);
  const outcomes = await outcomesOf(connectors, run, endings);
  const unplaced = unplacedIn(graph, outcomes);
  return {
    marts: (schema) =>
      graph.nodes
        .filter((node) => node.schema === schema)
        .map(({ name }) => `${schema}.${name}`)
        .sort(),
    of: (marts, schema) => {
      const below = upstream(graph, marts, schema);
      const tests = graph.checks
        .filter(({ on }) => on.some((id) => below.has(id)))
        .map(({ id, name }): GuardingCheck => ({ id, name, outcome: outcomes.get(id) ?? 'not run' }));
      // A model that was not built is as it was, or is not there at all.
      const builds = graph.nodes
        .filter(({ id }) => below.has(id) && outcomes.get(id) === 'failed')
        .map(({ id, name }): GuardingCheck => ({ id, name: `build of ${name}`, outcome: 'failed' }));
      const skipped = marts.filter((mart) =>
        idsOf(graph, mart, schema).some((id) => outcomes.get(id) === 'not run'),
      );
      return [
        ownCheck(endings, outcomes.size > 0),
        ...unplaced,
        ...builds,
        ...(builds.length || tests.some(({ outcome }) => outcome === 'failed')
          ? []
          : skipped.map((mart): GuardingCheck => ({
              id: `skipped ${mart}`,
              name: `build of ${mart}`,
              outcome: 'failed',
            }))),
        ...tests.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
      ];
    },
  };
}

/** What failed and nobody can say what it looks at: the graph of now does not know it, so it may look at anything. */
export function unplacedIn(
  { nodes, checks }: ModelGraph,
  outcomes: ReadonlyMap<string, Outcome>,
): GuardingCheck[] {
  const placed = new Set([
    ...nodes.map(({ id }) => id),
    ...checks.flatMap(({ id, on }) => (on.length ? [id] : [])),
  ]);
  return [...outcomes]
    .filter(([id, outcome]) => outcome === 'failed' && !placed.has(id))
    .map(([id]) => ({ id, name: `${id} (not in the graph of the models)`, outcome: 'failed' }));
}

/** That the rows which were loaded are there; a build of which nothing is known counts as failed. */
function ownCheck({ transform, check }: Endings, isKnown: boolean): GuardingCheck {
  if (transform === 'failed' && !isKnown)
    return { id: 'transform', name: 'build of the models', outcome: 'failed' };
  const outcome = check === 'succeeded' ? 'passed' : check === 'failed' ? 'failed' : 'not run';
  return { id: 'check', name: 'rows loaded are rows there', outcome };
}

async function outcomesOf(
  { ledger }: Connectors,
  run: RunRef,
  { transform, nodes }: Endings,
): Promise<Map<string, Outcome>> {
  if (nodes) {
    const warned = nodes.warnings.map((text) => text.split(': ')[0]);
    return new Map(
      Object.keys(nodes.milliseconds).map((id) => [
        id,
        warned.includes(id) && !id.startsWith('model.') ? 'warned' : 'passed',
      ]),
    );
  }
  if (transform !== 'failed') return new Map();
  const step = (await ledger.steps([run.runId])).find((each) => each.step === 'transform');
  const { nodes: known = [] } = (step?.result ?? {}) as Parts;
  return new Map(known.map(({ id, status }) => [id, OUTCOMES[status] ?? 'failed']));
}

function idsOf({ nodes }: ModelGraph, mart: string, schema: string): string[] {
  return nodes.filter((node) => node.name === mart && node.schema === schema).map(({ id }) => id);
}

/** Ids of marts and all that they are made of. */
function upstream(graph: ModelGraph, marts: readonly string[], schema: string): ReadonlySet<string> {
  const from = new Map(graph.nodes.map((node) => [node.id, node.from]));
  const found = new Set<string>();
  const next = marts.flatMap((mart) => idsOf(graph, mart, schema));
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    next.push(...(from.get(id) ?? []));
  }
  return found;
}

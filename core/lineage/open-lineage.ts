import { datasetNamed, datasetPath } from '../datasets.ts';
import type { DataInterval } from '../interval.ts';
import { stepKey, type Outcome, type Step } from '../run.ts';
import type { Lineage, LineageNode } from './lineage.ts';

/** An event as https://openlineage.io/spec/2-0-2/OpenLineage.json has it: what Sluice says of it. */
export interface RunEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

type Facets = Readonly<Record<string, object>>;

interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
  readonly outputFacets?: Facets;
}

/** What has happened to a run, or to a step of it. */
export interface Happening {
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Absent: to the run itself. */
  readonly step?: { readonly kind: Step; readonly subject: string | null; readonly attempt: number };
  /** Absent: it has begun. */
  readonly end?: {
    readonly outcome: Exclude<Outcome, 'running'>;
    readonly error?: string | null;
    readonly rows?: number | null;
    /** Of a build: every node, by its id. */
    readonly nodes?: readonly {
      readonly id: string;
      readonly outcome: 'succeeded' | 'failed';
      readonly milliseconds: number;
    }[];
  };
}

/** Where it belongs. */
export interface Told {
  /** Of jobs and datasets: `sluice` where the profile names none. */
  readonly namespace: string;
  readonly pipeline: string;
  readonly interval: DataInterval;
  readonly lineage: Lineage;
  /** The dashboards of each model, by dbt's id: `model.sluice.fct_orders` is `olist.fct_orders`. */
  readonly places: ReadonlyMap<string, string>;
  /** A UUID that is always the same for the same words. */
  readonly uuid: (words: string) => string;
}

export const PRODUCER = 'urn:sluice:engine';
const SPEC = 'https://openlineage.io/spec';
const EVENT = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

/** The events of a happening, in their order: of a build those of its models as well. */
export function eventsOf(happening: Happening, told: Told): RunEvent[] {
  const { runId, at, step, end } = happening;
  const { namespace, pipeline, interval, uuid } = told;
  const eventType = typeOf(end?.outcome);
  const errors = end?.error
    ? {
        errorMessage: facet('1-0-1/ErrorMessageRunFacet', {
          message: end.error,
          programmingLanguage: 'TypeScript',
        }),
      }
    : {};
  const nominal = {
    nominalTime: facet('1-0-1/NominalTimeRunFacet', {
      nominalStartTime: interval.start,
      nominalEndTime: interval.end,
    }),
  };
  if (!step) {
    const run = { runId: uuid(runId), facets: { ...nominal, ...errors } };
    return [event(eventType, at, run, jobOf(namespace, pipeline, 'PIPELINE'), [], [])];
  }
  const key = stepKey(step.kind, step.subject);
  const id = uuid(`${runId} ${key} ${step.attempt}`);
  const parent = parentOf(uuid(runId), namespace, pipeline);
  const own = event(
    eventType,
    at,
    { runId: id, facets: { ...nominal, ...errors, parent } },
    jobOf(namespace, `${pipeline}.${key}`, 'STEP'),
    datasets(readBy(told, step), told),
    datasets(writtenBy(told, step), told, end?.rows ?? null),
  );
  const nodes = step.kind === 'transform' && end?.nodes ? modelEvents(end.nodes, { id, key, at, told }) : [];
  return [...nodes, own];
}

function modelEvents(
  nodes: NonNullable<NonNullable<Happening['end']>['nodes']>,
  { id, key, at, told }: { id: string; key: string; at: string; told: Told },
): RunEvent[] {
  const { namespace, pipeline, lineage, places, uuid } = told;
  return nodes.flatMap(({ id: node, outcome, milliseconds }): RunEvent[] => {
    const model = lineage.nodes.find((each) => each.id === places.get(node) && each.layer === 'model');
    if (!model) return [];
    const parent = parentOf(id, namespace, `${pipeline}.${key}`);
    const run = { runId: uuid(`${id} ${node}`), facets: { parent } };
    const job = jobOf(namespace, `${pipeline}.${model.id}`, 'MODEL', 'DBT');
    const inputs = datasets(
      model.from.flatMap((each) => lineage.nodes.find((found) => found.id === each) ?? []),
      told,
    );
    const outputs = datasets([model], told);
    // When it ended nobody has put down; it ended with the build at the latest.
    const began = new Date(Date.parse(at) - milliseconds).toISOString();
    return [
      event('START', began, run, job, inputs, outputs),
      event(typeOf(outcome), at, run, job, inputs, outputs),
    ];
  });
}

function readBy(
  { pipeline, lineage }: Told,
  { kind, subject }: NonNullable<Happening['step']>,
): LineageNode[] {
  const written = writtenBy({ pipeline, lineage }, { kind, subject });
  return lineage.nodes.filter(({ id }) => written.some(({ from }) => from.includes(id)));
}

function writtenBy(
  { pipeline, lineage }: Pick<Told, 'pipeline' | 'lineage'>,
  { kind, subject }: Pick<NonNullable<Happening['step']>, 'kind' | 'subject'>,
): LineageNode[] {
  if (kind === 'task') return lineage.nodes.filter(({ layer, of }) => layer === 'dataset' && of === subject);
  if (kind === 'pages') return lineage.nodes.filter(({ layer }) => layer === 'panel');
  const id = kind === 'extract' ? `bronze:${pipeline}/${subject ?? ''}` : `raw_${pipeline}.${subject ?? ''}`;
  return kind === 'extract' || kind === 'load' ? lineage.nodes.filter((node) => node.id === id) : [];
}

/** Layers are namespaces: tables of a connection, the lake, the warehouse, panels of dashboards. */
function placeOf(
  { id, layer, title, of }: LineageNode,
  { namespace, pipeline }: Pick<Told, 'namespace' | 'pipeline'>,
): { namespace: string; name: string } {
  const [, connection = '', table = ''] = /^source:([^/]*)\/(.*)$/.exec(id) ?? [];
  if (layer === 'source') return { namespace: `${namespace}/source/${connection}`, name: table };
  if (layer === 'bronze') return { namespace: `${namespace}/lake`, name: id.replace(/^bronze:/, 'bronze/') };
  if (layer === 'dataset') return { namespace: `${namespace}/lake`, name: datasetPath(pipeline, title) };
  // What another pipeline's task makes has the name that it has there.
  const made = layer === 'elsewhere' && of !== undefined ? datasetNamed(of, id) : undefined;
  if (of !== undefined && made) return { namespace: `${namespace}/lake`, name: datasetPath(of, made) };
  if (layer === 'panel') return { namespace: `${namespace}/dashboards`, name: id };
  return { namespace: `${namespace}/warehouse`, name: id };
}

function datasets(nodes: readonly LineageNode[], told: Told, rows: number | null = null): Dataset[] {
  const known = new Map(told.lineage.nodes.map((node) => [node.id, node]));
  return nodes.map((node): Dataset => {
    const exact = node.columns.filter(({ from }) => from?.length);
    const fields = exact.map(({ name, from }) => [
      name,
      {
        inputFields: (from ?? []).flatMap(({ node: id, column }) => {
          const read = known.get(id);
          return read
            ? [{ ...placeOf(read, told), field: column, transformations: [{ type: 'DIRECT' }] }]
            : [];
        }),
      },
    ]);
    return {
      ...placeOf(node, told),
      facets: {
        ...(node.columns.length && {
          schema: facet('1-2-0/SchemaDatasetFacet', {
            fields: node.columns.map(({ name, type }) => ({ name, ...(type !== undefined && { type }) })),
          }),
        }),
        ...(fields.length && {
          columnLineage: facet('1-2-0/ColumnLineageDatasetFacet', {
            fields: Object.fromEntries(fields) as object,
          }),
        }),
      },
      ...(rows !== null && {
        outputFacets: {
          outputStatistics: facet('1-0-2/OutputStatisticsOutputDatasetFacet', { rowCount: rows }),
        },
      }),
    };
  });
}

function typeOf(outcome: 'succeeded' | 'failed' | 'cancelled' | undefined): RunEvent['eventType'] {
  if (outcome === undefined) return 'START';
  return { succeeded: 'COMPLETE', failed: 'FAIL', cancelled: 'ABORT' }[outcome] as RunEvent['eventType'];
}

function event(
  eventType: RunEvent['eventType'],
  eventTime: string,
  run: RunEvent['run'],
  job: RunEvent['job'],
  inputs: readonly Dataset[],
  outputs: readonly Dataset[],
): RunEvent {
  return { eventType, eventTime, producer: PRODUCER, schemaURL: EVENT, run, job, inputs, outputs };
}

function jobOf(namespace: string, name: string, jobType: string, integration = 'SLUICE'): RunEvent['job'] {
  return {
    namespace,
    name,
    facets: { jobType: facet('2-0-4/JobTypeJobFacet', { processingType: 'BATCH', integration, jobType }) },
  };
}

function parentOf(runId: string, namespace: string, name: string): object {
  return facet('1-2-0/ParentRunFacet', { run: { runId }, job: { namespace, name } });
}

function facet(schema: string, fields: object): object {
  return { _producer: PRODUCER, _schemaURL: `${SPEC}/facets/${schema}.json`, ...fields };
}

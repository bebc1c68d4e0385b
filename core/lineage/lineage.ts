import { columnsNamed, martsOf } from '../dashboards/sql.ts';
import type { Dashboard, DataPanel } from '../dashboards/resolve.ts';
import { marts } from '../dashboards/select-check.ts';
import { datasetTable } from '../datasets.ts';
import { tablePath } from '../layout.ts';
import { rawSchema, schemasOf, type ResolvedPipeline, type ResolvedTable } from '../pipeline.ts';
import type { BuiltModels, ModelNode } from './models.ts';

/** The layers that data go through, in their order. `dataset`: what tasks make in the lake; `elsewhere`: a table that this pipeline does not load. */
export const LAYERS = ['source', 'bronze', 'raw', 'dataset', 'elsewhere', 'model', 'panel'] as const;
export type Layer = (typeof LAYERS)[number];

export interface LineageColumn {
  readonly name: string;
  /** As the warehouse names it; absent where it does not say. */
  readonly type?: string;
  /** What it is made of; empty: of no column; null: of its table's, but which ones cannot be told exactly. */
  readonly from: readonly { readonly node: string; readonly column: string }[] | null;
}

/** A table, a model or a panel. */
export interface LineageNode {
  /** `source:shop/orders`, `bronze:shop/orders`, `raw_shop.orders`, `shop_silver.orders`, `shop.fct_orders`, `sales/2`: unique, and what people type. */
  readonly id: string;
  readonly layer: Layer;
  /** What people call it. */
  readonly title: string;
  /** Ids of what it is made of. */
  readonly from: readonly string[];
  /** Those that are known; none where nobody knows any. */
  readonly columns: readonly LineageColumn[];
  /** Of a panel its dashboard; of a dataset the task that makes it; of a table elsewhere the pipeline that loads or builds it, where there is one. */
  readonly of?: string;
}

/** From the tables of the source to the panels of dashboards; what is read stands before what reads it. */
export interface Lineage {
  readonly pipeline: string;
  readonly nodes: readonly LineageNode[];
}

export interface LineageParts {
  readonly definition: ResolvedPipeline;
  /** As they were built last; absent while they never were. */
  readonly models?: BuiltModels | undefined;
  /** Those of the pipeline. */
  readonly dashboards: readonly Dashboard[];
  /** Names of all pipelines, to say whose a table elsewhere is. */
  readonly pipelines: readonly string[];
}

/** Columns that Sluice itself adds to every raw table. */
const OWN = new Set(['_load_id', '_loaded_at', '_extracted_at']);

/** All of it, from the definition, what was built last and the dashboards. Nothing is guessed: where columns are not known there are none. */
export function lineageOf({ definition, models, dashboards, pipelines }: LineageParts): Lineage {
  const { name, tables } = definition;
  const built = models?.nodes ?? [];
  const raw = new Map(tables.map((table) => [`${rawSchema(name)}.${table.name}`, table]));
  const known = new Map(built.map((node) => [idOf(node), node]));
  const loaded = [...raw].flatMap(([id, table]) => loadedAs(definition, table, known.get(id)));
  const datasets = definition.tasks.flatMap((task) => datasetsOf(definition, task, known));
  const before = new Set([...raw.keys(), ...datasets.map(({ id }) => id)]);
  const rest = built
    .filter((node) => !before.has(idOf(node)))
    .map((node) => modelOf(node, { definition, built, pipelines }));
  const layered = [...loaded, ...datasets, ...rest.filter(({ layer }) => layer === 'elsewhere')];
  const there = new Set(rest.map(({ id }) => id));
  const shown = dashboards.flatMap(({ data }) =>
    Object.values(data).flatMap((each) => martsOf(each).map((mart) => `${name}.${mart}`)),
  );
  const missing = [...new Set(shown)].filter((id) => !there.has(id)).map(unbuilt);
  const made = [...rest.filter(({ layer }) => layer === 'model'), ...missing];
  const ordered = [...layered, ...inOrder(made)];
  return { pipeline: name, nodes: [...ordered, ...dashboards.flatMap((each) => panelsOf(each, ordered))] };
}

function idOf({ schema, name }: Pick<ModelNode, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}

/** A table at its source, in the lake and in the warehouse: columns keep their names on the way. */
function loadedAs(
  { name, source = '' }: ResolvedPipeline,
  table: ResolvedTable,
  model: ModelNode | undefined,
): LineageNode[] {
  const [at, bronze, raw] = [
    `source:${source}/${table.query === undefined ? table.from : table.name}`,
    `bronze:${name}/${table.name}`,
    `${rawSchema(name)}.${table.name}`,
  ];
  const columns = model?.columns ?? [];
  const read = columns.filter((each) => !OWN.has(each.name)).map((each) => each.name);
  const same = (from: string): LineageColumn[] =>
    read.map((column) => ({ name: column, from: [{ node: from, column }] }));
  const isQuery = table.query !== undefined;
  return [
    {
      id: at,
      layer: 'source',
      title: isQuery ? `${table.name} (a query)` : table.from,
      from: [],
      // What a query of the source is made of, its database alone could say.
      columns: read.map((column) => ({ name: column, from: isQuery ? null : [] })),
    },
    {
      id: bronze,
      layer: 'bronze',
      title: tablePath({ pipeline: name, table: table.name }),
      from: [at],
      columns: same(at),
    },
    {
      id: raw,
      layer: 'raw',
      title: raw,
      from: [bronze],
      columns: columns.map(({ name: column, type }) => ({
        name: column,
        ...(type && { type }),
        from: OWN.has(column) ? [] : [{ node: bronze, column }],
      })),
    },
  ];
}

/** What a task makes in the lake, from loads of tables; which columns it makes of which, the task alone could say. */
function datasetsOf(
  { name: pipeline }: ResolvedPipeline,
  { name: task, writes, datasets = {} }: ResolvedPipeline['tasks'][number],
  known: ReadonlyMap<string, ModelNode>,
): LineageNode[] {
  return writes.map((title) => {
    const { schema, table } = datasetTable(pipeline, title);
    const id = `${schema}.${table}`;
    return {
      id,
      layer: 'dataset',
      title,
      of: task,
      from: (datasets[title]?.from ?? []).map((each) => `bronze:${pipeline}/${each}`),
      columns: (known.get(id)?.columns ?? []).map(({ name, type }) => ({
        name,
        ...(type && { type }),
        from: null,
      })),
    };
  });
}

function modelOf(
  node: ModelNode,
  {
    definition,
    built,
    pipelines,
  }: { definition: ResolvedPipeline; built: readonly ModelNode[]; pipelines: readonly string[] },
): LineageNode {
  const places = new Map(built.map((each) => [each.id, idOf(each)]));
  const owner = pipelines.find((each) => schemasOf(each).includes(node.schema));
  const isElsewhere = node.kind === 'source';
  return {
    id: idOf(node),
    layer: isElsewhere ? 'elsewhere' : 'model',
    title: idOf(node),
    from: isElsewhere ? [] : node.from.flatMap((id) => places.get(id) ?? []),
    columns: node.columns.map(({ name, type, from }) => ({
      name,
      ...(type && { type }),
      from: from && from.flatMap(({ node: id, column }) => ({ node: places.get(id) ?? id, column })),
    })),
    ...(owner !== undefined && owner !== definition.name && { of: owner }),
  };
}

/** A mart that panels show, and of which no build has told anything. */
function unbuilt(id: string): LineageNode {
  return { id, layer: 'model', title: id, from: [], columns: [] };
}

/** What is read before what reads it. */
function inOrder(nodes: readonly LineageNode[]): LineageNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const placed = new Set<LineageNode>();
  const begun = new Set<string>();
  const place = (node: LineageNode): void => {
    if (begun.has(node.id)) return;
    begun.add(node.id);
    for (const id of node.from) {
      const read = byId.get(id);
      if (read) place(read);
    }
    placed.add(node);
  };
  for (const node of nodes) place(node);
  return [...placed];
}

function panelsOf(dashboard: Dashboard, known: readonly LineageNode[]): LineageNode[] {
  const schema = dashboard.pipeline;
  const names = known.map(({ id }) => id);
  return dashboard.panels.flatMap((panel, at): LineageNode[] => {
    if (panel.kind === 'text') return [];
    const id = `${dashboard.name}/${at + 1}`;
    const common = { id, layer: 'panel', title: panel.title, of: dashboard.name } as const;
    if (panel.kind === 'select') {
      // A select of somebody's own: what it reads is known, not what its columns are made of.
      return [{ ...common, from: marts(panel.select, names), columns: [] }];
    }
    const data = dashboard.data[panel.data];
    const from = data ? martsOf(data).map((mart) => `${schema}.${mart}`) : [];
    return [{ ...common, from, columns: columnsOfPanel(dashboard, panel) }];
  });
}

/** What a panel shows, by the columns of its mart; a count is of rows, and of no column. */
function columnsOfPanel({ data, pipeline }: Dashboard, panel: DataPanel): LineageColumn[] {
  const of = data[panel.data];
  if (!of) return [];
  const by = 'by' in panel ? [panel.by].flat() : [];
  const measures = panel.kind === 'table' ? panel.measures : [panel.measure];
  const named = columnsNamed(of);
  const columnOf = (name: string) => named.filter((each) => each.by === name);
  const ofMeasure = (name: string): typeof named => {
    const measure = of.measures[name];
    return measure && 'ratio' in measure ? measure.ratio.flatMap(ofMeasure) : columnOf(`measures.${name}`);
  };
  const from = (columns: typeof named) =>
    [...new Map(columns.map((each) => [`${each.mart} ${each.column}`, each])).values()].map(
      ({ mart, column }) => ({ node: `${pipeline}.${mart}`, column }),
    );
  return [
    ...by.map((name) => ({ name, from: from(columnOf(`dimensions.${name}`)) })),
    ...measures.map((name) => ({ name, from: from(ofMeasure(name)) })),
  ];
}

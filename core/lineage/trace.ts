import { InvalidInput } from '../errors.ts';
import { hint } from '../hint.ts';
import type { Lineage, LineageNode } from './lineage.ts';

/** What people ask of: a node, or one of its columns. */
export interface Traced {
  readonly node: LineageNode;
  /** Absent: the whole of it. */
  readonly column?: string;
}

/** A node on the way to or from what is asked of, with those of its columns that are. */
export interface TracedNode {
  readonly node: LineageNode;
  /** Null: the node as a whole; which of its columns cannot be told, or the whole was asked of. */
  readonly columns: readonly string[] | null;
}

export interface Trace {
  readonly of: Traced;
  /** What it is made of, in the order of the data. */
  readonly upstream: readonly TracedNode[];
  /** What is made of it, in the order of the data. */
  readonly downstream: readonly TracedNode[];
}

/**
 * What people call it: an id of the lineage, `fct_orders` or `orders` where only one is called so (a table of the pipeline: as it is
 * loaded), a dataset as its task does (`silver.orders`), with `.column` behind it.
 * @throws {InvalidInput} there is none, or several
 */
export function find(lineage: Lineage, asked: string): Traced {
  const exact = lineage.nodes.find(({ id }) => id === asked);
  if (exact) return { node: exact };
  const found = lineage.nodes.flatMap((node) =>
    namesOf(lineage, node).flatMap((name): Traced[] => {
      if (asked === name) return [{ node }];
      if (!asked.startsWith(`${name}.`)) return [];
      const column = node.columns.find((each) => each.name === asked.slice(name.length + 1));
      return column ? [{ node, column: column.name }] : [];
    }),
  );
  const [one, ...others] = found.filter(
    (each, at) => found.findIndex(({ node, column }) => node === each.node && column === each.column) === at,
  );
  if (one && !others.length) return one;
  const subject = `The lineage of pipeline '${lineage.pipeline}'`;
  if (one)
    throw new InvalidInput(subject, [
      `'${asked}' may be ${[one, ...others].map(({ node, column }) => `'${node.id}${column === undefined ? '' : `.${column}`}'`).join(' or ')}; write one of them.`,
    ]);
  const near = lineage.nodes.flatMap((node) => [
    ...namesOf(lineage, node),
    ...node.columns.map(({ name }) => `${shortOf(node)}.${name}`),
  ]);
  // There are many: only what is near is named.
  const words = hint(asked, near);
  const next = words.startsWith(';') ? words : `. 'sluice lineage ${lineage.pipeline}' lists them.`;
  throw new InvalidInput(subject, [`there is no table, model, panel or column '${asked}'${next}`]);
}

function shortOf({ id }: LineageNode): string {
  return id.replace(/^[^.:/]*\./, '');
}

/** A table is called by its name as it stands in the warehouse. */
function namesOf({ pipeline }: Lineage, node: LineageNode): string[] {
  const isOurs = node.layer === 'raw' || node.layer === 'model' || node.layer === 'elsewhere';
  if (!isOurs) return node.layer === 'dataset' ? [node.id, node.title] : [node.id];
  return [node.id, ...(node.layer === 'elsewhere' && node.of !== pipeline ? [] : [shortOf(node)])];
}

/** What something is made of, and what is made of it: column by column as far as is known, from there on by tables. */
export function traceOf(lineage: Lineage, of: Traced): Trace {
  const begun = new Map([[of.node.id, of.column === undefined ? null : new Set([of.column])]]);
  return {
    of,
    upstream: walked(lineage, begun, [...lineage.nodes].reverse(), (node, marks) =>
      stepsUp(node, marks.get(node.id)),
    ),
    downstream: walked(lineage, begun, lineage.nodes, (node, marks) => stepsDown(node, marks)),
  };
}

/** Columns that are meant by node; null: the node as a whole. */
type Marks = Map<string, Set<string> | null>;
type Steps = readonly { readonly node: string; readonly columns: readonly string[] | null }[];

/** One pass is enough: nodes stand in the order in which marks move. */
function walked(
  { nodes }: Lineage,
  begun: ReadonlyMap<string, Set<string> | null>,
  order: readonly LineageNode[],
  steps: (node: LineageNode, marks: Marks) => Steps,
): TracedNode[] {
  const marks: Marks = new Map([...begun].map(([id, columns]) => [id, columns && new Set(columns)]));
  for (const node of order)
    for (const { node: id, columns } of steps(node, marks)) {
      const before = marks.get(id);
      if (columns === null || before === null) marks.set(id, null);
      else marks.set(id, new Set([...(before ?? []), ...columns]));
    }
  return nodes.flatMap((node) => {
    if (begun.has(node.id)) return [];
    const columns = marks.get(node.id);
    if (columns === undefined) return [];
    return [
      { node, columns: columns && node.columns.map(({ name }) => name).filter((name) => columns.has(name)) },
    ];
  });
}

/** From a node to what it is made of. */
function stepsUp(node: LineageNode, marked: Set<string> | null | undefined): Steps {
  if (marked === undefined) return [];
  if (marked === null) return node.from.map((id) => ({ node: id, columns: null }));
  return node.columns
    .filter(({ name }) => marked.has(name))
    .flatMap(({ from }): Steps =>
      from === null
        ? node.from.map((id) => ({ node: id, columns: null }))
        : from.map((each) => ({ node: each.node, columns: [each.column] })),
    );
}

/** From what is marked to a node that is made of it. */
function stepsDown(node: LineageNode, marks: Marks): Steps {
  const reads = node.from.some((id) => marks.has(id));
  const isWhole = node.from.some((id) => marks.get(id) === null) || !node.columns.length;
  if (reads && (isWhole || node.columns.some(({ from }) => from === null)))
    return [{ node: node.id, columns: null }];
  const made = node.columns.filter(({ from }) =>
    from?.some((each) => marks.get(each.node)?.has(each.column)),
  );
  return made.length ? [{ node: node.id, columns: made.map(({ name }) => name) }] : [];
}

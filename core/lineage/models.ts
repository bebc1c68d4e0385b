/** A column of a table or view that a model names in the expression of one of its own. */
export interface ColumnOrigin {
  /** Id of its table: `model.sluice.fct_orders`. */
  readonly node: string;
  readonly column: string;
}

export interface ModelColumn {
  readonly name: string;
  /** As the warehouse names it; empty where it does not say. */
  readonly type: string;
  /** What its expression names, of which none may be left out; empty: nothing, as of a constant; null: it cannot be told exactly. */
  readonly from: readonly ColumnOrigin[] | null;
}

/** A table or view of the warehouse that models are, or are made of. */
export interface ModelNode {
  readonly id: string;
  readonly kind: 'model' | 'seed' | 'snapshot' | 'source';
  readonly schema: string;
  readonly name: string;
  /** Ids of what it reads. */
  readonly from: readonly string[];
  /** As they stand in the warehouse, in their order; empty where it is not there. */
  readonly columns: readonly ModelColumn[];
  /** Of what it was written as; empty for a table that is only read. */
  readonly digest: string;
  /** False where this build has not compiled it, so that nothing is known of its columns' origins. */
  readonly isCompiled: boolean;
}

/** What the models of a pipeline are made of, as they were built last. Plain JSON. */
export interface BuiltModels {
  readonly nodes: readonly ModelNode[];
}

/** Columns of the warehouse's tables and views by `schema.name`, in their order. */
export type TableColumns = ReadonlyMap<string, readonly { readonly name: string; readonly type: string }[]>;

/** What models are made of that were selected, and of all that those read. */
export function withUpstream({ nodes }: BuiltModels, selected: ReadonlySet<string>): BuiltModels {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const next = [...selected];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    next.push(...(byId.get(id)?.from ?? []));
  }
  return { nodes: nodes.filter(({ id }) => found.has(id)) };
}

/** A build that went on from an earlier one has compiled what was left: of the rest, written as it was, the earlier word stands. */
export function withEarlier({ nodes }: BuiltModels, earlier: BuiltModels | undefined): BuiltModels {
  const before = new Map(earlier?.nodes.map((node) => [node.id, node]));
  return {
    nodes: nodes.map((node) => {
      const known = before.get(node.id);
      return !node.isCompiled && known?.isCompiled && known.digest === node.digest ? known : node;
    }),
  };
}

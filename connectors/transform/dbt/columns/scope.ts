import type { ColumnOrigin } from '../../../../core/lineage/models.ts';

/** What a column is made of; null: it cannot be told exactly. */
export type Origins = readonly ColumnOrigin[] | null;

/** What a select gives, in its order; null: its columns cannot be told. */
export type Columns = readonly { readonly name: string; readonly from: Origins }[] | null;

/** What stands behind `from`. */
export interface Relation {
  /** What its columns are called by: an alias, or the table's own name; empty where it has none. */
  readonly alias: string;
  readonly schema?: string;
  readonly columns: Columns;
}

/** Names are told apart by their letters, not by upper and lower case: as DuckDB and Redshift have it. */
export const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** All of several origins, each once; null where one of them is not known. */
export function union(all: readonly Origins[]): Origins {
  const found = new Map<string, ColumnOrigin>();
  for (const origins of all) {
    if (origins === null) return null;
    for (const each of origins) found.set(`${each.node} ${each.column}`, each);
  }
  return [...found.values()];
}

/** Where the names of a select are looked for. */
export class Scope {
  readonly relations: readonly Relation[];
  readonly #using: ReadonlyMap<string, Origins>;
  readonly #outer: Scope | undefined;

  /**
   * @param using columns that a join has made one of
   * @param outer of the select that it stands in
   */
  constructor(
    relations: readonly Relation[],
    using: ReadonlyMap<string, Origins> = new Map(),
    outer?: Scope,
  ) {
    this.relations = relations;
    this.#using = using;
    this.#outer = outer;
  }

  /** What `a`, `t.a`, `s.t.a` or a field of it stands for. `aliases`: columns of the select itself that stand before it. */
  resolve(names: readonly string[], aliases: ReadonlyMap<string, Origins> = new Map()): Origins {
    for (const at of [1, 2, 3].filter((each) => each < names.length)) {
      const [schema, table] = [names[at - 2], names[at - 1] ?? ''];
      const named = this.relations.filter(
        (each) =>
          same(each.alias, table) &&
          (schema === undefined || each.schema === undefined || same(each.schema, schema)),
      );
      if (named.length) return named[0] && named.length === 1 ? columnOf(named[0], names[at] ?? '') : null;
    }
    const [name = ''] = names;
    const joined = this.#using.get(name.toLowerCase());
    if (joined !== undefined) return joined;
    const known = this.relations.filter(({ columns }) => columns?.some((each) => same(each.name, name)));
    if (known.length > 1) return null;
    if (known[0]) return columnOf(known[0], name);
    // A relation whose columns nobody knows may have it.
    if (this.relations.some(({ columns }) => columns === null)) return null;
    return aliases.get(name.toLowerCase()) ?? this.#outer?.resolve(names) ?? null;
  }

  /** What `*` or `t.*` stands for, but for columns that a join has made one of, which come first. */
  star(relation: string | undefined): Columns {
    const meant =
      relation === undefined ? this.relations : this.relations.filter(({ alias }) => same(alias, relation));
    if (!meant.length || meant.some(({ columns }) => columns === null)) return null;
    const all = meant.flatMap(({ columns }) => columns ?? []);
    if (relation !== undefined || !this.#using.size) return all;
    const seen = new Set<string>();
    return all.flatMap(({ name, from }) => {
      const joined = this.#using.get(name.toLowerCase());
      if (joined === undefined) return [{ name, from }];
      if (seen.has(name.toLowerCase())) return [];
      seen.add(name.toLowerCase());
      return [{ name, from: joined }];
    });
  }
}

function columnOf({ columns }: Relation, name: string): Origins {
  return columns?.find((each) => same(each.name, name))?.from ?? null;
}

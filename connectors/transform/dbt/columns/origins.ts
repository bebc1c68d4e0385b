import type { Tree } from './parse.ts';
import { same, Scope, union, type Columns, type Origins, type Relation } from './scope.ts';

/** Columns of a table by its name, with itself as what each is made of; null where they are not known. */
export type TableOf = (schema: string | undefined, name: string) => Columns;

type Ctes = ReadonlyMap<string, Columns>;

/**
 * What each column of a select is made of: every column that its expression names, through subselects and `with` down to tables. What rows are
 * joined, chosen and grouped by is no part of it. Where a form is not understood, the column's origins are null, never a guess.
 */
export function columnsOf(node: Tree, tableOf: TableOf, ctes: Ctes = new Map(), outer?: Scope): Columns {
  const own = new Map(ctes);
  for (const { key, value } of list<{ key: string; value: Tree }>(tree(node['cte_map'])['map'])) {
    const query = tree(tree(value['query'])['node']);
    const given = columnsOf(query, tableOf, own, outer);
    own.set(key.toLowerCase(), renamed(given, list<string>(value['aliases'])));
  }
  if (node['type'] === 'SET_OPERATION_NODE')
    return ofSets(node, (part) => columnsOf(part, tableOf, own, outer));
  if (node['type'] !== 'SELECT_NODE') return null;
  const scope = scopeOf(tree(node['from_table']), { tableOf, ctes: own, outer });
  if (!scope) return null;
  const select = (inner: Tree) => columnsOf(inner, tableOf, own, scope);
  const columns: { name: string; from: Origins }[] = [];
  for (const item of list<Tree>(node['select_list'])) {
    if (item['class'] === 'STAR') {
      const all = starOf(item, scope, select);
      if (all === null) return null;
      columns.push(...all);
      continue;
    }
    const before = new Map(columns.map(({ name, from }) => [name.toLowerCase(), from]));
    columns.push({ name: nameOf(item), from: originsOf(item, { scope, select, before }) });
  }
  return columns;
}

function ofSets(node: Tree, columns: (part: Tree) => Columns): Columns {
  const [left, right] = [columns(tree(node['left'])), columns(tree(node['right']))];
  if (node['setop_type'] === 'EXCEPT') return left;
  if (!['UNION', 'INTERSECT'].includes(String(node['setop_type']))) return null;
  if (!left || !right || left.length !== right.length) return null;
  return left.map(({ name, from }, at) => ({ name, from: union([from, right[at]?.from ?? null]) }));
}

interface Within {
  readonly tableOf: TableOf;
  readonly ctes: Ctes;
  readonly outer: Scope | undefined;
}

interface Joined {
  readonly relations: readonly Relation[];
  readonly using: ReadonlyMap<string, Origins>;
}

function scopeOf(from: Tree, within: Within): Scope | undefined {
  const found = joined(from, within);
  return found && new Scope(found.relations, found.using, within.outer);
}

/** Undefined where nobody can say which columns it has, or whose. */
function joined(from: Tree, within: Within): Joined | undefined {
  const { tableOf, ctes, outer } = within;
  const aliases = list<string>(from['column_name_alias']);
  const alias = word(from['alias']);
  const one = (relation: Relation): Joined => ({ relations: [relation], using: new Map() });
  switch (from['type']) {
    case 'EMPTY':
      return { relations: [], using: new Map() };
    case 'BASE_TABLE': {
      const [schema, name] = [word(from['schema_name']), word(from['table_name']) ?? ''];
      const cte = schema === undefined ? ctes.get(name.toLowerCase()) : undefined;
      const columns = renamed(cte === undefined ? tableOf(schema, name) : cte, aliases);
      return one({ alias: alias ?? name, ...(schema !== undefined && { schema }), columns });
    }
    case 'SUBQUERY': {
      const columns = columnsOf(tree(tree(from['subquery'])['node']), tableOf, ctes, outer);
      return one({ alias: alias ?? '', columns: renamed(columns, aliases) });
    }
    case 'EXPRESSION_LIST':
      return one({
        alias: alias ?? '',
        columns: renamed(ofValues(list<readonly Tree[]>(from['values'])), aliases),
      });
    case 'TABLE_FUNCTION':
      return one({ alias: alias ?? '', columns: null });
    case 'JOIN':
      return ofJoin(from, within);
    default:
      return undefined;
  }
}

/** Of `values`: constants, called as DuckDB calls them. */
function ofValues(rows: readonly (readonly Tree[])[]): Columns {
  return (rows[0] ?? []).map((_, at) => ({
    name: `col${at}`,
    from: rows.every((row) => row[at]?.['class'] === 'CONSTANT') ? [] : null,
  }));
}

function ofJoin(from: Tree, within: Within): Joined | undefined {
  if (from['ref_type'] === 'NATURAL') return undefined;
  const left = joined(tree(from['left']), within);
  // What stands right of a comma or a lateral join may name what stands left of it.
  const inner = left && { ...within, outer: new Scope(left.relations, left.using, within.outer) };
  const right = inner && joined(tree(from['right']), inner);
  if (!left || !right) return undefined;
  const kind = String(from['join_type']);
  if (kind === 'SEMI' || kind === 'ANTI') return left;
  const using = new Map([...left.using, ...right.using]);
  for (const name of list<string>(from['using_columns'])) {
    const sides = [left, right].map((side) => new Scope(side.relations, side.using).resolve([name]));
    const [of = null, other = null] = sides;
    using.set(
      name.toLowerCase(),
      kind === 'RIGHT' ? other : kind === 'FULL' || kind === 'OUTER' ? union(sides) : of,
    );
  }
  return { relations: [...left.relations, ...right.relations], using };
}

function starOf(star: Tree, scope: Scope, select: (inner: Tree) => Columns): Columns {
  if (star['columns'] === true || list(star['rename_list']).length || star['expr']) return null;
  const all = scope.star(word(star['relation_name']));
  const left = [...list(star['exclude_list']), ...list(star['qualified_exclude_list'])];
  if (!all || left.some((each) => typeof each !== 'string')) return null;
  const replaced = list<{ key: string; value: Tree }>(star['replace_list']);
  return all
    .filter(({ name }) => !left.some((each) => same(String(each), name)))
    .map((column) => {
      const by = replaced.find(({ key }) => same(key, column.name));
      return by
        ? { name: column.name, from: originsOf(by.value, { scope, select, before: new Map() }) }
        : column;
    });
}

interface Naming {
  readonly scope: Scope;
  readonly select: (inner: Tree) => Columns;
  /** Columns of the select that stand before it, which may be named as well. */
  readonly before: ReadonlyMap<string, Origins>;
}

/** Names that are no columns, though they are written as one. */
const WORDS = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'sysdate',
]);
/** Of them the first argument is a unit, which Redshift has without quotes. */
const BY_UNIT = new Set([
  'dateadd',
  'date_add',
  'datediff',
  'date_diff',
  'date_part',
  'date_trunc',
  'datesub',
  'datepart',
]);
const UNITS =
  /^(millennium|century|decade|year|quarter|month|week|day|hour|minute|second|millisecond|microsecond)s?$/i;

function originsOf(expression: Tree, naming: Naming): Origins {
  const { scope, select, before } = naming;
  switch (expression['class']) {
    case 'COLUMN_REF': {
      const names = list<string>(expression['column_names']);
      const found = scope.resolve(names, before);
      return found === null && names.length === 1 && WORDS.has((names[0] ?? '').toLowerCase()) ? [] : found;
    }
    case 'STAR':
    case 'LAMBDA':
    case 'POSITIONAL_REFERENCE':
      return null;
    case 'SUBQUERY': {
      if (expression['subquery_type'] === 'EXISTS') return null;
      const inner = select(tree(tree(expression['subquery'])['node']));
      const child = tree(expression['child']);
      return union([
        ...(inner?.map(({ from }) => from) ?? [null]),
        ...('class' in child ? [originsOf(child, naming)] : []),
      ]);
    }
    default:
      return union(partsOf(expression).map((each) => originsOf(each, naming)));
  }
}

/** The expressions that one is made of, wherever they stand in it. */
function partsOf(expression: Tree): Tree[] {
  const parts: Tree[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (typeof value !== 'object' || value === null) return;
    else if ('class' in value) parts.push(value);
    else Object.values(value).forEach(collect);
  };
  for (const value of Object.values(expression)) collect(value);
  const isByUnit = BY_UNIT.has(String(expression['function_name']).toLowerCase());
  const [unit] = list<Tree>(expression['children']);
  const isUnit =
    isByUnit && unit?.['class'] === 'COLUMN_REF' && UNITS.test(list<string>(unit['column_names']).join('.'));
  return isUnit ? parts.filter((each) => each !== unit) : parts;
}

/** Empty where the warehouse makes one up. */
function nameOf(item: Tree): string {
  return (
    word(item['alias']) ??
    (item['class'] === 'COLUMN_REF' ? list<string>(item['column_names']).at(-1) : '') ??
    ''
  );
}

function renamed(columns: Columns, names: readonly string[]): Columns {
  if (!names.length) return columns;
  return columns && columns.map((each, at) => ({ ...each, name: names[at] ?? each.name }));
}

function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? (value as Tree) : {};
}

function list<T = unknown>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

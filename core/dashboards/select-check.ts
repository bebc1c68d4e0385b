import { hint } from '../hint.ts';

/** Texts, quoted names and comments, which may hold anything. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n\r]*|\/\*[^]*?\*\/|[A-Za-z_][\w$]*|[^\s]/g;

/**
 * What there is against a select of somebody's own: it must be one statement that reads from `marts` (`schema.name`) and its own
 * `with` alone, in words of which it is plain what they read. The warehouse itself refuses what writes.
 */
export function selectProblems(sql: string, marts: readonly string[]): string[] {
  const all = sql.match(TOKENS) ?? [];
  const tokens = all.filter((each) => !/^(--|\/\*)/.test(each));
  const word = (at: number) => (tokens[at] ?? '').toLowerCase();
  const named = (at: number) => name(word(at));
  const problems: string[] = [];
  if (all.some(isReadTwoWays))
    problems.push(
      "has a text, a name or a comment of which it is not plain where it ends: close each, write a quote as '', no backslash before one, no $$, and no comment within another.",
    );
  if (!['select', 'with'].includes(word(0))) problems.push('must begin with select or with.');
  if (tokens.includes(';')) problems.push('must be one statement, without a semicolon.');
  const known = [...new Set(marts)];
  const schema = known[0]?.replace(/[^.]*$/, '') ?? '';
  const own = new Set<string>();
  tokens.forEach((_, at) => {
    if (word(at + 1) === 'as' && word(at + 2) === '(' && ['with', ',', 'recursive'].includes(word(at - 1)))
      own.add(named(at));
  });
  const isRead = (at: number) => {
    const parts = [named(at)];
    let next = at + 1;
    for (; word(next) === '.'; next += 2) parts.push(named(next + 1));
    const qualified = parts.join('.');
    if (word(next) === '(') problems.push(`reads the function '${qualified}'; only marts may be read.`);
    else if (!own.has(qualified) && !marts.includes(qualified))
      problems.push(
        `reads '${qualified}', which is no mart${hint(qualified.includes('.') ? qualified : `${schema}${qualified}`, known)}`,
      );
  };
  tokens.forEach((_, at) => {
    if (READS_OTHERWISE.has(word(at)) && isStatement(word(at - 1), word(at + 1)))
      problems.push(`reads by '${word(at)}'; write select.`);
    if (word(at) !== 'from' && word(at) !== 'join') return;
    if (word(at) === 'from') {
      // `extract(year from x)`, `trim(both from x)`: within a function's own parentheses. `a is distinct from b` reads nothing.
      if (isWithinFunction(tokens, at) || word(at - 1) === 'distinct') return;
      if (hasComma(tokens, at)) problems.push("joins by a comma after 'from'; write join.");
    }
    let first = at + 1;
    while (word(first) === '(' || word(first) === 'lateral') first += 1;
    // A select within parentheses has a from of its own.
    if (first === at + 1 || !['select', 'with', 'values'].includes(word(first))) isRead(first);
  });
  return problems;
}

/** One that is not closed, or that a warehouse ends elsewhere: by `\'`, `$$`, comments within comments. */
function isReadTwoWays(token: string, at: number, all: readonly string[]): boolean {
  if (token === "'" || token === '"' || token === '$') return true;
  if (token === '/') return all[at + 1] === '*';
  return token.startsWith('/*') ? token.includes('/*', 2) : token.startsWith("'") && token.includes("\\'");
}

/** What there is against a condition of rows, which stands behind `where`. */
export function conditionProblems(sql: string): string[] {
  const words = (sql.match(TOKENS) ?? []).map((each) => each.toLowerCase());
  if (words[0] === 'where') return ["is the condition alone, without the word 'where'."];
  let depth = 0;
  for (const word of words) {
    if (word === '(') depth += 1;
    if (word === ')') depth -= 1;
    if (depth < 0) return ['closes a parenthesis that it has not opened.'];
    if (depth === 0 && CLAUSES.has(word)) return [`is one condition, which has no '${word}'.`];
  }
  return selectProblems(`select 1 from x.y where ${sql}`, ['x.y']);
}

/** Words that read a table without `from`. */
const READS_OTHERWISE = new Set(['table', 'pivot', 'unpivot', 'describe', 'summarize', 'show']);
/** What comes after a column of such a name. */
const AFTER_COLUMN = ['', 'from', ',', ')', '.', 'as', '=', '<', '>'];

function isStatement(before: string, after: string): boolean {
  return before !== '.' && before !== 'as' && !AFTER_COLUMN.includes(after);
}

/** What may follow a condition. */
const CLAUSES = new Set([
  ...['group', 'order', 'having', 'limit', 'offset', 'fetch', 'window', 'qualify'],
  ...['union', 'intersect', 'except', ';'],
]);
const ENDS = new Set(['where', ...CLAUSES]);

/** Whether the from clause that begins there names several tables: a comma of its own, not of parentheses within. */
function hasComma(tokens: readonly string[], from: number): boolean {
  let depth = 0;
  for (const token of tokens.slice(from + 1)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth < 0 || (depth === 0 && ENDS.has(token.toLowerCase()))) return false;
    if (depth === 0 && token === ',') return true;
  }
  return false;
}

function name(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token;
}

/** Whether the nearest open parenthesis before it belongs to a function that has a `from` of its own. */
function isWithinFunction(tokens: readonly string[], at: number): boolean {
  let depth = 0;
  for (let before = at - 1; before >= 0; before -= 1) {
    if (tokens[before] === ')') depth += 1;
    if (tokens[before] !== '(') continue;
    if (depth === 0) return /^(extract|trim|substring|overlay)$/i.test(tokens[before - 1] ?? '');
    depth -= 1;
  }
  return false;
}

/** Those of `known` marts that a select reads. */
export function marts(sql: string, known: readonly string[]): string[] {
  const tokens = (sql.match(TOKENS) ?? []).map((each) =>
    name(each.startsWith('"') ? each : each.toLowerCase()),
  );
  return known.filter((mart) =>
    tokens.some((token, at) => tokens[at + 1] === '.' && `${token}.${tokens[at + 2] ?? ''}` === mart),
  );
}

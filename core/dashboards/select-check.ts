/** Texts, quoted names and comments, which may hold anything. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|[A-Za-z_][\w$]*|[^\s]/g;

/**
 * What there is against a select of somebody's own: it must be one statement that reads from `marts` (`schema.name`) and its own
 * `with` alone. The warehouse itself refuses what writes.
 */
export function selectProblems(sql: string, marts: readonly string[]): string[] {
  const tokens = (sql.match(TOKENS) ?? []).filter((each) => !/^(--|\/\*)/.test(each));
  const word = (at: number) => (tokens[at] ?? '').toLowerCase();
  const problems: string[] = [];
  if (!['select', 'with'].includes(word(0))) problems.push('must begin with select or with.');
  if (tokens.includes(';')) problems.push('must be one statement, without a semicolon.');
  const own = new Set<string>();
  tokens.forEach((_, at) => {
    if (word(at + 1) === 'as' && word(at + 2) === '(' && ['with', ',', 'recursive'].includes(word(at - 1)))
      own.add(word(at));
  });
  tokens.forEach((_, at) => {
    if (word(at) !== 'from' && word(at) !== 'join') return;
    // `extract(year from x)`, `trim(both from x)`: within a function's own parentheses.
    if (word(at) === 'from' && isWithinFunction(tokens, at)) return;
    const first = name(word(at + 1));
    if (first === '(' || first === 'lateral') return;
    const qualified = word(at + 2) === '.' ? `${first}.${name(word(at + 3))}` : first;
    const next = word(at + 2) === '.' ? at + 4 : at + 2;
    if (word(next) === '(') problems.push(`reads the function '${qualified}'; only marts may be read.`);
    else if (!own.has(qualified) && !marts.includes(qualified))
      problems.push(`reads '${qualified}', which is no mart; there are ${marts.join(', ')}.`);
    const after =
      word(next) === 'as' ? next + 2 : /^[a-z_]/.test(word(next)) && !ENDS.has(word(next)) ? next + 1 : next;
    if (word(at) === 'from' && word(after) === ',')
      problems.push(`joins by a comma after '${qualified}'; write join.`);
  });
  return problems;
}

const ENDS = new Set([
  'where',
  'group',
  'order',
  'having',
  'limit',
  'join',
  'left',
  'right',
  'inner',
  'full',
  'cross',
  'union',
  'on',
]);

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

import { InvalidInput } from '../../core/errors.ts';

/** A query as it stands in a FROM. It is one statement: several, or one that writes, are refused by every database there. */
export function derivedTable(query: string): string {
  return `(\n${query.replace(/[\s;]+$/, '')}\n) AS q`;
}

/** Names as people give them; what a database calls an expression is none. */
const NAME = /^[\p{L}_][\p{L}\p{N}_$]*$/u;

/** @throws {InvalidInput} columns of a query that have the same name, or none of their own, all at once */
export function mustBeNamed(table: string, names: readonly string[]): void {
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.filter((_, at) => lower.indexOf(lower[at] ?? '') < at);
  const problems = [
    ...[...new Set(twice)].map(
      (name) =>
        `from.query gives two columns '${name}'; name one otherwise (AS …), or list the columns that are wanted.`,
    ),
    ...names.flatMap((name, at) =>
      NAME.test(name) ? [] : [`from.query: column ${at + 1} has no name (${name}); give it one with AS.`],
    ),
  ];
  if (problems.length) throw new InvalidInput(`Table '${table}'`, problems);
}

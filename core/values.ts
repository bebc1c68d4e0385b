/**
 * Words after which a vendor quotes a name, and not a value of a row.
 */
const NAMED =
  'relation|columns?|tables?|schema|database|role|user|type|function|constraint|index|view|macro|model|seed|test|snapshot|named?|file|folder|directory|path|attribute|operator|extension|setting|parameter|catalog|sequence|enum|bucket|object|profile|target|project|option|command|encoding|binding|bindings:|entry|alias|field|statement|lock on file|query|secret|topic|job|workgroup|cluster|criterion';

const QUOTED = new RegExp(`(?<=(?:\\b(?:${NAMED})) )(["'])(?:(?!\\1).)*\\1|(["'])(?:(?!\\2).)*\\2`, 'gis');

/**
 * A vendor's message without the values of rows: they must not reach histories, logs or the ledger, whose readers may not read the
 * rows. Names stay: of tables, columns, models, files. What is quoted is a value unless a word before it says that it is a name.
 */
export function withoutValues(text: string): string {
  return text
    .replaceAll(/\bDETAIL:[^\n]*/g, (detail) => detail.replace(/(=|contains )\((?:[^\n]*)\)/, '$1(…)'))
    .replaceAll(/\bKey \(([^)]*)\)=\([^\n]*\)/g, 'Key ($1)=(…)')
    .replaceAll(/(JSON data, line \d+:|Input:|Values?:)[^\n]*/g, '$1 …')
    .replaceAll(QUOTED, (quoted: string, name: string | undefined, value: string | undefined) =>
      value === undefined ? quoted : `${value}…${value}`,
    )
    .replaceAll(/\b(value|key|number|string)s? ([+-]?\d[\w.:+-]*)/gi, '$1 …')
    .replaceAll(/\(([+-]?\d[\d.]*) ([*+/%-]) ([+-]?\d[\d.]*)\)/g, '(… $2 …)');
}

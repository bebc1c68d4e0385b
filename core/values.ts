/**
 * Words after which a vendor quotes a name, and not a value of a row.
 */
const NAMED =
  'relation|columns?|tables?|schema|database|role|user|type|function|constraint|index|view|macro|model|seed|test|snapshot|named?|file|folder|directory|path|attribute|operator|extension|setting|parameter|catalog|sequence|enum|bucket|object|profile|target|project|option|command|encoding|binding|bindings:|entry|alias|field|statement|lock on file|query|secret|topic|job|workgroup|cluster|criterion';

/** Before a path, or the second of two: a call to the system that failed, as Node says it. */
const CALL =
  /\bE(?:ACCES|BUSY|DQUOT|EXIST|INVAL|IO|ISDIR|LOOP|MFILE|NAMETOOLONG|NFILE|NOENT|NOSPC|NOTDIR|NOTEMPTY|PERM|ROFS|TXTBSY|XDEV): [a-z -]+(?:, [a-z -]+)*, [a-z]+(?: '[^'\n]*' ->)? $/;
/** Characters that such a call takes at most, with a path. */
const CALL_LENGTH = 5_000;

/** A quote at a word's end or start alone: the apostrophe of `doesn't` opens nothing, that of `'O'Brien'` closes nothing. */
const QUOTED = new RegExp(`(?<=\\b(?:${NAMED}) )(["'])(?:(?!\\1).)*\\1|(?<!\\w)(["']).*?\\2(?!\\w)`, 'gis');

/** Words after which a vendor quotes a value, which may have quotes of its own: it ends with the last that can be its end. */
const VALUE = String.raw`\b(?:string|value|format|key|token|input)s?:? |\b(?:invalid|malformed|out of range)\b[^\n"']*: ?`;
const END = String.raw`(?= to |, expected|, pos\b| according| violates| is invalid| for )`;
const TOLD = new RegExp(String.raw`(${VALUE})(["'])(?:.*\2${END}|.*\2|.*)`, 'gis');

/** A row's values in brackets; they may have brackets and line ends of their own. */
const IN_BRACKETS =
  /(\bKey \([^)]*\)=|\bDETAIL:.*?contains )\((?:.*\)(?= already exists| is not present| conflicts|\.?\s*$|\.?\n)|.*)/gs;

/** What a parser could not read, whole, and a mark below of where it stopped. */
const POINTED_AT = /(?:(?=\n)(?<= format specifier [^\n]*)\n.*?|\n[^\n]*)\n[ \t]*\^[ \t]*(?=\n|$)/gs;

/**
 * A vendor's message without the values of rows: they must not reach histories, logs or the ledger, whose readers may not read the
 * rows. Names stay: of tables, columns, models, files. What is quoted is a value unless a word before it says that it is a name.
 * Where a value ends is a guess when it has quotes or brackets itself: rather too much is cut than too little.
 */
export function withoutValues(text: string): string {
  return text
    .replaceAll(POINTED_AT, '')
    .replaceAll(IN_BRACKETS, '$1(…)')
    .replaceAll(/(JSON data, line \d+:|Input:|Values?:).*/gs, '$1 …')
    .replaceAll(TOLD, '$1$2…$2')
    .replaceAll(QUOTED, (quoted: string, ...[, value, at, whole]: [string?, string?, number?, string?]) =>
      value === undefined || isPath(whole, at) ? quoted : `${value}…${value}`,
    )
    .replaceAll(/\b(value|key|number|string)s? ([+-]?\d[\w.:+-]*)/gi, '$1 …')
    .replaceAll(/\(([+-]?\d[\d.]*) ([*+/%-]) ([+-]?\d[\d.]*)\)/g, '(… $2 …)');
}

function isPath(whole = '', at = 0): boolean {
  return CALL.test(whole.slice(Math.max(0, at - CALL_LENGTH), at));
}

/**
 * A vendor's message without what is quoted in it, and without the statement that it cites: what is left are the vendor's own words,
 * which tell its kind. A table may be called `connections`, a column `restart`.
 */
export function ownWords(text: string): string {
  return text
    .replaceAll(/^\s*(?:LINE \d+|STATEMENT):.*$/gm, '')
    .replaceAll(/(?<!\w)(["'`])(?:(?!\1).)*\1(?!\w)/g, '$1…$1');
}

/** Whether a message says that its statement is at fault, whatever names it gives: those of columns often come without quotes. */
export function isOfStatement(text: string): boolean {
  return /does not exist|syntax error|\b(Binder|Parser|Syntax|Catalog|Conversion|Constraint|Compilation|Parsing) Error/i.test(
    ownWords(text),
  );
}

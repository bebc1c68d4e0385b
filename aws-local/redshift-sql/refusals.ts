import { RedshiftError, syntaxError, unsupported } from './error.ts';
import { closing, isName, keyword, next, previous, type Token } from './tokens.ts';

/** Reserved in Redshift and not in PostgreSQL: usable as names only when quoted. https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html */
const RESERVED = new Set(
  `aes128 aes256 allowoverwrite backup blanksasnull bytedict bzip2 credentials current_user_id deflate defrag delta
   delta32k disable emptyasnull enable encode encrypt encryption explicit globaldict256 globaldict64k gzip luns lzo lzop minus
   mostly16 mostly32 mostly8 offline oid open parallel percent permissions raw readratio recover rejectlog resort restore
   snapshot tag tdes text255 text32k truncatecolumns wallet without`.split(/\s+/),
);

/** First words of statements that PostgreSQL knows and Redshift does not. */
const STATEMENTS: readonly [RegExp, string][] = [
  [/^create (unique )?index\b/, 'SQL command "CREATE INDEX"'],
  [
    /^(create|alter|drop) (sequence|trigger|extension|tablespace|type|domain|rule|operator|policy)\b/,
    'This command',
  ],
  [/^(reindex|cluster|listen|notify|do|discover)\b/, 'This command'],
  [/^create (unlogged|foreign) table\b/, 'This command'],
];

const TYPES = new Set(
  'jsonb json uuid bytea serial bigserial smallserial xml inet cidr money hstore tsvector tsquery citext int4range'.split(
    ' ',
  ),
);

/** What PostgreSQL would do and Redshift refuses, with Redshift's words where they are known. @throws {RedshiftError} */
export function refuse(all: readonly Token[]): void {
  const solid = all.filter(({ kind }) => kind !== 'blank');
  const words = solid.map(keyword);
  const start = words.slice(0, 4).join(' ');
  for (const [pattern, what] of STATEMENTS) {
    if (pattern.test(start)) throw unsupported(what);
  }
  for (const [at, word] of words.entries()) {
    const after = words[at + 1] ?? '';
    const before = words[at - 1] ?? '';
    const token = solid[at];
    if (token?.kind === 'symbol') {
      if (word === '->>' || word === '->')
        throw new RedshiftError('42883', `operator does not exist: character varying ${word} "unknown"`);
      continue;
    }
    if (token?.kind !== 'word') continue;
    if (word === 'on' && after === 'conflict') throw syntaxError('conflict');
    if (word === 'distinct' && after === 'on' && before === 'select') throw unsupported('SELECT DISTINCT ON');
    if (word === 'filter' && after === '(' && words[at + 2] === 'where' && before === ')')
      throw syntaxError('(');
    if (word === 'lateral' && after === '(') throw syntaxError('(');
    if (word === 'for' && ['update', 'share', 'no', 'key'].includes(after) && words[0] !== 'create')
      throw unsupported('SELECT FOR UPDATE/SHARE');
    if (word === 'returning' && ['insert', 'update', 'delete', 'merge', 'with'].includes(words[0] ?? ''))
      throw syntaxError('returning');
    if (word === 'array' && after === '[') throw syntaxError('[');
    if (
      ['string_agg', 'array_agg', 'json_agg', 'jsonb_agg', 'unnest', 'format', 'gen_random_uuid'].includes(
        word,
      ) &&
      after === '('
    )
      throw new RedshiftError('42883', `function ${word}("unknown") does not exist`);
    if (TYPES.has(word) && (before === '::' || (before === 'as' && words[at + 1] === ')')))
      throw new RedshiftError('42704', `type "${word}" does not exist`);
    // Reserved words may follow a dot or AS, as in PostgreSQL; elsewhere they are no names.
    const isNameHere = 'select , by where and or on from join into table'.split(' ').includes(before);
    if (RESERVED.has(word) && before !== '.' && (after === '.' || (isNameHere && after !== '(')))
      throw syntaxError(word);
  }
  if (words[0] === 'merge') refuseMerge(solid);
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html: no alias for the target, the source is a table, no condition on WHEN. */
function refuseMerge(solid: readonly Token[]): void {
  let at = keyword(solid[1]) === 'into' ? 2 : 1;
  while (isName(solid[at]) && keyword(solid[at + 1]) === '.') at += 2;
  at++;
  if (keyword(solid[at]) !== 'using') throw syntaxError(solid[at]?.text ?? 'merge');
  if (keyword(solid[at + 1]) === '(') throw syntaxError('(');
  for (let i = at; i < solid.length; i++) {
    if (keyword(solid[i]) === 'matched' && keyword(solid[i + 1]) === 'and') throw syntaxError('and');
  }
}

/** Refuses the type of a column. */
export function refuseColumnType(type: readonly Token[]): void {
  const word = keyword(type[next(type, 0)]);
  if (TYPES.has(word) || word === 'interval') {
    throw new RedshiftError('0A000', `Column type "${word}" is not supported.`);
  }
  const open = type.findIndex((token) => token.text === '[');
  if (open >= 0 && previous(type, open) >= 0)
    throw new RedshiftError('0A000', `Column type "${word}[]" is not supported.`);
  const bracket = type.findIndex((token) => token.text === '(');
  if (bracket < 0) return;
  const size = Number(type[next(type, bracket + 1)]?.text);
  closing(type, bracket);
  const limits: Partial<Record<string, number>> = {
    varchar: 65_535,
    character: 65_535,
    char: 4096,
    nvarchar: 65_535,
    numeric: 38,
    decimal: 38,
  };
  const limit = limits[word];
  if (limit !== undefined && (size > limit || (size < 1 && limit > 38))) {
    throw new RedshiftError(
      '22023',
      limit === 38
        ? `NUMERIC precision ${size} must be between 1 and 38`
        : `length for type ${word} cannot exceed ${limit}`,
    );
  }
}

/** Refuses a reserved word as the name of a column, unless it is quoted. */
export function refuseName(name: Token | undefined): void {
  if (name?.kind === 'word' && RESERVED.has(keyword(name))) throw syntaxError(name.text);
}

import { qualifiedName } from './create.ts';
import { RedshiftError, syntaxError, unsupported } from './error.ts';
import { keyword, next, valueOf, type Token } from './tokens.ts';

export interface Copy {
  readonly table: readonly string[];
  readonly from: string;
  readonly iamRole: string;
  readonly manifest: boolean;
  readonly serializeToJson: boolean;
  readonly fillRecord: boolean;
}

const WITH_VALUE = new Set([
  'region',
  'maxerror',
  'delimiter',
  'dateformat',
  'timeformat',
  'null',
  'ignoreheader',
  'comprows',
  'compupdate',
  'readratio',
]);
const ALONE = new Set([
  'gzip',
  'lzop',
  'bzip2',
  'zstd',
  'blanksasnull',
  'emptyasnull',
  'escape',
  'noload',
  'removequotes',
  'trimblanks',
  'truncatecolumns',
  'roundec',
  'explicit_ids',
  'acceptanydate',
  'ignoreblanklines',
]);

/** COPY from Parquet. https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html and copy-usage_notes-copy-from-columnar.html */
export function copy(all: readonly Token[]): Copy | undefined {
  if (keyword(all[0]) !== 'copy') return undefined;
  const { name, end } = qualifiedName(all, next(all, 1));
  let at = end;
  if (keyword(all[at]) === '(') throw unsupported('By this stand-in, COPY with a column list');
  if (keyword(all[at]) !== 'from') throw syntaxError(all[at]?.text ?? 'copy');
  at = next(all, at + 1);
  const from = text(all[at], 'from');
  let iamRole: string | undefined;
  let parquet = false;
  const flags = { manifest: false, serializeToJson: false, fillRecord: false };
  const refused: string[] = [];
  for (at = next(all, at + 1); at < all.length; at = next(all, at + 1)) {
    const word = keyword(all[at]);
    const value = next(all, at + 1);
    if (word === 'iam_role') {
      iamRole = keyword(all[value]) === 'default' ? 'default' : text(all[value], word);
      at = value;
    } else if (word === 'format') {
      const as = keyword(all[value]) === 'as' ? next(all, value + 1) : value;
      parquet = keyword(all[as]) === 'parquet';
      at = as;
    } else if (word === 'parquet') parquet = true;
    else if (word === 'manifest') flags.manifest = true;
    else if (word === 'serializetojson') flags.serializeToJson = true;
    else if (word === 'fillrecord') flags.fillRecord = true;
    else if (word === 'statupdate') {
      if (['on', 'off', 'true', 'false'].includes(keyword(all[value]))) at = value;
    } else if (word === 'acceptinvchars') {
      if (keyword(all[value]) === 'as' || all[value]?.kind === 'string')
        throw unsupported('By this stand-in, ACCEPTINVCHARS');
    } else if (['credentials', 'access_key_id', 'secret_access_key', 'with'].includes(word)) {
      throw unsupported('By this stand-in, COPY with keys');
    } else if (WITH_VALUE.has(word) || ALONE.has(word)) {
      refused.push(word.toUpperCase());
      if (WITH_VALUE.has(word)) at = keyword(all[value]) === 'as' ? next(all, value + 1) : value;
    } else throw syntaxError(all[at]?.text ?? '');
  }
  if (!parquet) throw unsupported('By this stand-in, COPY from anything but Parquet');
  if (refused[0])
    throw new RedshiftError('0A000', `${refused[0]} argument is not supported for PARQUET based COPY`);
  if (iamRole === undefined) throw new RedshiftError('42601', 'COPY from S3 needs IAM_ROLE');
  return { table: name, from, iamRole, ...flags };
}

function text(token: Token | undefined, after: string): string {
  if (token?.kind !== 'string') throw syntaxError(token?.text ?? after);
  return valueOf(token);
}

/** PostgreSQL types with values at their edges, as PostgreSQL reads them: what both ways of extraction must carry alike. */
const MATRIX: readonly (readonly [type: string, ...values: string[]])[] = [
  ['boolean', 'true', 'false'],
  ['smallint', '-32768', '32767'],
  ['integer', '-2147483648', '2147483647'],
  ['bigint', '-9223372036854775808', '9223372036854775807', '9007199254740993'],
  ['real', 'NaN', 'Infinity', '-Infinity', '-0', '1e-45', '3.4028235e38', '0.1'],
  ['double precision', 'NaN', 'Infinity', '-Infinity', '-0', '5e-324', '1.7976931348623157e308', '0.1'],
  ['numeric(5,2)', '-999.99', '0.01', '-0.01'],
  ['numeric(18,0)', '999999999999999999'],
  ['numeric(38,10)', '9999999999999999999999999999.9999999999', '-0.0000000001'],
  ['numeric(38)', '-99999999999999999999999999999999999999'],
  [
    'text',
    '',
    ' ',
    'a\nb\r\n"c" \'d\' \\n \\ , ;',
    '\u0001\u007f',
    '\uFEFFbom',
    'e\u0301 é 😀 漢字',
    'NULL',
    '\\N',
  ],
  ['varchar(5)', '', '😀😀😀😀😀', 'ab  '],
  ['char(5)', 'ab', '', '😀'],
  ['bytea', '\\x', '\\x00ff00', '\\xefbbbf'],
  [
    'date',
    '2018-08-01',
    '0044-03-15 BC',
    '4713-11-24 BC',
    '5874897-12-31',
    'infinity',
    '-infinity',
    '1582-10-10',
  ],
  [
    'timestamp',
    '2018-08-01 12:00:00.000001',
    '0044-03-15 10:00:00 BC',
    '4713-11-24 00:00:00 BC',
    '289999-12-31 23:59:59',
    'infinity',
    '-infinity',
    '1969-12-31 23:59:59.999999',
    '2018-03-25 02:30:00',
  ],
  [
    'timestamptz',
    '2018-08-01 12:00:00.000001+02',
    '0044-03-15 10:00:00.5+00 BC',
    'infinity',
    '-infinity',
    '2018-10-28 02:30:00 Europe/Berlin',
    '1500-01-01 00:00:00Z',
  ],
  ['time', '24:00:00', '12:34:56.789012'],
  ['timetz', '12:00:00+05:30'],
  ['interval', '1 year -2 mons +3 days -04:05:06.789'],
  ['json', '{"b": 1,  "a": [1.10, null, "\\u0041"], "a": 2}', '1e400'],
  ['jsonb', '{"b": 1, "a": [1.10, null]}', '123456789012345678901234567890.5'],
  ['uuid', '00000000-0000-0000-0000-000000000000', 'FFFFFFFF-ffff-4fff-bfff-ffffffffffff'],
  ['oid', '4294967295'],
  ['money', '-1234.56'],
  ['inet', '192.168.0.1/24', '::1'],
  ['int4range', '[1,5)', 'empty'],
  ['integer[]', '{1,NULL,3}', '{{1,2},{3,4}}'],
  ['mood', 'so so', 'häppy'],
  ['pair', '(1,"a,b")'],
  ['rate', '-7.25'],
];

/** Statements that make the table `matrix`: a value per row and column, and a row of NULLs. */
export function matrixSql(): string {
  const columns = MATRIX.map(([type], at) => `c${at} ${type}`).join(', ');
  const height = Math.max(...MATRIX.map(([, ...values]) => values.length)) + 1;
  const rows = Array.from({ length: height }, (_, row) => {
    const cells = MATRIX.map(([type, ...values]) => {
      const value = values[row];
      return value === undefined ? 'NULL' : `E'${value.replace(/[\\']/g, '\\$&')}'::text::${type}`;
    });
    return `(${row}, ${cells.join(', ')})`;
  });
  return `
    CREATE TYPE mood AS ENUM ('so so', 'häppy'); CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN rate AS numeric(6,2);
    CREATE TABLE matrix (id int PRIMARY KEY, ${columns});
    INSERT INTO matrix VALUES ${rows.join(', ')}`;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOfStatement, ownWords, withoutValues } from './values.ts';

/** As PostgreSQL, DuckDB, Redshift and dbt word them, with a value of a row for `%`. */
const TELLING = [
  'invalid input syntax for type integer: "%"',
  'duplicate key value violates unique constraint "orders_pkey"\nDETAIL:  Key (order_id)=(%) already exists.',
  'Key (a, b)=(1, %) is not present in table "orders".',
  'null value in column "id" violates not-null constraint\nDETAIL:  Failing row contains (1, %, null).',
  'date/time field value out of range: "%"',
  'invalid input value for enum mood: "%"',
  'ERROR:  invalid input syntax for type json\nDETAIL:  Token "%" is invalid.\nCONTEXT:  JSON data, line 1: {"a": %',
  "Conversion Error: Could not convert string '%' to INT32",
  'Constraint Error: Duplicate key "order_id: %" violates primary key constraint.',
  'Conversion Error: Casting value "%" to type DECIMAL(4,2) failed: value is out of range!',
  'Invalid Input Error: Malformed JSON at byte 0 of input: unexpected character.  Input: "%"',
  "Invalid digit, Value '%', Pos 0, Type: Integer",
  'Invalid Input Error: Could not parse string "%" according to format specifier "%Y-%m-%d"\n%\n     ^\nError: Month out of range',
];
const NUMBERS = [
  "Conversion Error: Type INT64 with value % can't be cast because the value is out of range for the destination type INT8",
  'Out of Range Error: Overflow in multiplication of INT32 (% * 456)!',
  'value % is out of range for type smallint',
];

/** `%Y` is a format, not a place for the value. */
const withValue = (text: string, value: string): string => text.replaceAll(/%(?![A-Za-z])/g, () => value);

describe('a message of a vendor', () => {
  it.each(TELLING)('loses the value: %s', (text) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9@. _-]{5,40}$/), (value) => {
        const canary = `CANARY${value}`;
        expect(withoutValues(withValue(text, canary))).not.toContain(canary);
      }),
    );
  });

  it.each(TELLING)('loses a value with quotes, brackets and line ends of its own: %s', (text) => {
    const part = fc.stringMatching(/^[A-Za-z0-9@. '"()=\n-]{0,20}$/);
    fc.assert(
      fc.property(part, part, (before, after) => {
        expect(withoutValues(withValue(text, `${before}CANARY${after}`))).not.toContain('CANARY');
      }),
    );
  });

  it.each([
    ["Could not convert string 'O'Brien of 12 Elm St' to INT32", "Could not convert string '…' to INT32"],
    [
      'invalid input syntax for type integer: "Anna "the" Rossi"',
      'invalid input syntax for type integer: "…"',
    ],
    [
      "Invalid Input Error: row is refused, customer 'a@b.c' is unknown",
      "Invalid Input Error: row is refused, customer '…' is unknown",
    ],
    ['ERROR: new row is bad, got "secret"', 'ERROR: new row is bad, got "…"'],
    ["EXCEPTION: bad row, customer 'secret'", "EXCEPTION: bad row, customer '…'"],
    [
      "ENOENT: no such file, open '/a/b': customer 'secret'",
      "ENOENT: no such file, open '/a/b': customer '…'",
    ],
    ["The column doesn't take 'secret'", "The column doesn't take '…'"],
    ["It can't be read: 'O'Brien's' is odd", "It can't be read: '…' is odd"],
    [
      'Could not parse string "2024-13-45" according to format specifier "%Y"\n2024-13-45\n     ^\nError: Month out of range',
      'Could not parse string "…" according to format specifier "…"\nError: Month out of range',
    ],
    [
      'violates not-null constraint\nDETAIL:  Failing row contains (1, foo\nsecret).\n',
      'violates not-null constraint\nDETAIL:  Failing row contains (…).\n',
    ],
    ['DETAIL:  Failing row contains (1, foo\nsecret', 'DETAIL:  Failing row contains (…)'],
  ])('loses the whole of it: %s', (text, left) => {
    expect(withoutValues(text)).toBe(left);
  });

  it.each(NUMBERS)('loses the number: %s', (text) => {
    expect(withoutValues(text.replace('%', '41974911'))).not.toContain('41974911');
  });

  it.each([
    'relation "orders" does not exist',
    'permission denied for table orders',
    'null value in column "id" violates not-null constraint',
    'Binder Error: Values list does not have a column named "nonsense"',
    "Compilation Error\n  Model 'model.sluice.a' depends on a node named 'b' which was not found",
    'IO Error: Cannot open file "/lake/part-0.parquet": No such file or directory',
    'Got 3 results, configured to fail if != 0',
    "ENOENT: no such file or directory, scandir '/srv/shop/dbt'",
    "EXDEV: cross-device link not permitted, rename '/tmp/a' -> '/lake/b'",
  ])('keeps the names: %s', (text) => {
    expect(withoutValues(text)).toBe(text);
  });
});

describe("a vendor's own words", () => {
  it.each([
    [`column "connection_id" can't be 'lost', doesn't matter`, `column "…" can't be '…', doesn't matter`],
    ['Binder Error: no such column\nLINE 1: SELECT checksum', 'Binder Error: no such column\n'],
    ['server closed the connection', 'server closed the connection'],
  ])('of %s are %s', (text, own) => {
    expect(ownWords(text)).toBe(own);
  });

  it.each([
    ['column o.connection_closed_at does not exist', true],
    [`Binder Error: Referenced column "connection closed" not found`, true],
    ['relation "does not exist" is locked', false],
    ['server closed the connection unexpectedly', false],
  ])('say of %s whether the statement is at fault: %s', (text, expected) => {
    expect(isOfStatement(text)).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { fieldReader } from './field.ts';

const read = (type: string, text: string, notNull = false) => fieldReader({ name: 'c', type, notNull })(text);

describe('fieldReader', () => {
  it.each([
    ['integer', '-12', '-12'],
    ['integer', '3.0', '3'],
    ['integer', '2147483647', '2147483647'],
    ['numeric(10,2)', '99.9', '99.9'],
    ['numeric(10,2)', '0.00', '0.00'],
    ['numeric(10,2)', '-0012.500', '-0012.500'],
    ['numeric(10,2)', '12345678', '12345678'],
    ['numeric(14,2)', '8000000.0', '8000000.0'],
    ['double precision', '-27.984127336018226', '-27.984127336018226'],
    ['boolean', 'True', 'True'],
    ['date', '2018-02-28 00:00:00', '2018-02-28'],
    ['timestamp without time zone', '2016-02-29 23:59:59', '2016-02-29 23:59:59'],
    ['timestamp without time zone', '2016-02-29', '2016-02-29'],
    ['character varying(2)', '😀😀', '😀😀'],
    ['text', ' \r\n', ' \r\n'],
    ['text', '', null],
  ])('takes %s %j', (type, text, expected) => {
    expect(read(type, text)).toEqual({ text: expected });
  });

  it.each([
    ['integer', '3.5'],
    ['integer', '2147483648'],
    ['integer', ' 3'],
    ['numeric(10,2)', '1.234'],
    ['numeric(10,2)', '123456789.00'],
    ['numeric(10,2)', '1e3'],
    ['numeric(10,2)', 'NaN'],
    ['double precision', '1,5'],
    ['boolean', 'yes'],
    ['date', '2018-02-28 10:00:00'],
    ['timestamp without time zone', '2018-02-30 10:00:00'],
    ['timestamp without time zone', '2018-02-28 24:00:00'],
    ['timestamp without time zone', '28/02/2018 10:00'],
    ['character varying(2)', 'abc'],
    ['text', 'a\0b'],
    ['text', 'caf\ufffd'],
  ])('refuses %s %j', (type, text) => {
    expect(read(type, text)).toHaveProperty('problem', expect.stringContaining('is not'));
  });

  it('refuses a blank where there must be a value', () => {
    expect(read('text', '', true)).toHaveProperty('problem');
  });
});

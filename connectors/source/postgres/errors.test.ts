import { describe, expect, it } from 'vitest';
import { TerminalError, TransientError, Unreachable } from '../../../core/errors.ts';
import { translate } from './errors.ts';

const subject = { connection: 'shop', address: 'me@db:5432/shop', table: 'orders', password: 'hunter2' };
const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

describe('an error of PostgreSQL', () => {
  it.each([
    [withCode('password authentication failed', '28P01'), TerminalError, /Correct user and password/],
    [withCode('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'), TransientError, /server runs/],
    [new Error('IO Error: server closed the connection unexpectedly'), TransientError, /connection was lost/],
    [
      new Error(
        'Failed to execute query "COPY (SELECT 1)": ERROR:  canceling statement due to conflict with recovery',
      ),
      TransientError,
      /max_standby_streaming_delay/,
    ],
    [new Error('ERROR:  canceling statement due to statement timeout'), TransientError, /statement_timeout/],
    [new Error('ERROR:  permission denied for table orders'), TerminalError, /GRANT SELECT/],
    [
      new Error('IO Error: Could not write file "/lake/x": No space left on device'),
      TerminalError,
      /Free space/,
    ],
    [new Error('ERROR:  could not obtain lock on relation "orders"'), TransientError, /locked/],
    [
      new Error('ERROR:  invalid byte sequence for encoding "UTF8": 0xe9'),
      TerminalError,
      /bytes that are not/,
    ],
    [new Error('something new'), TransientError, /not expected/],
  ])('%s becomes the right kind, with place and advice', (error, kind, advice) => {
    const translated = translate(error, subject);
    expect(translated).toBeInstanceOf(kind);
    expect(translated.message).toMatch(/^Table orders of source 'shop' \(me@db:5432\/shop\): /);
    expect(translated.message).toMatch(advice);
  });

  it('of a query that ran out of time is tried as often as the pipeline allows, not until the server answers', () => {
    for (const code of ['57014', '25P04'])
      expect(translate(withCode('canceling statement due to statement timeout', code), subject)).toSatisfy(
        (error) => error instanceof TransientError && !(error instanceof Unreachable),
      );
  });

  it('is not taken for a lost connection because a name says so', () => {
    for (const error of [
      `column "connection ended" is odd`,
      'ERROR:  column o.connection_error does not exist',
    ])
      expect(translate(new Error(error), subject)).not.toBeInstanceOf(Unreachable);
  });

  it('never shows the password or the query', () => {
    const error = new Error(
      `cannot connect: host=db password=hunter2 dbname=x 'hunter2'\nLINE 1: SELECT secret`,
    );
    expect(translate(error, subject).message).not.toMatch(/hunter2|SELECT/);
    expect(translate(error, subject).cause).toBeUndefined();
  });

  it('passes our own through', () => {
    const own = new TerminalError('as it is');
    expect(translate(own, subject)).toBe(own);
  });
});

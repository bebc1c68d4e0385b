import { describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { statementError } from './errors.ts';

describe('an error of Redshift', () => {
  it.each([
    ['ERROR: column "connection_id" of relation "orders" does not exist', TerminalError],
    ['ERROR: column orders.connection_id does not exist', TerminalError],
    ['ERROR: relation "raw_shop.connections" does not exist', TerminalError],
    ['ERROR: relation "deadlock" does not exist', TerminalError],
    ['ERROR: syntax error at or near "restart"', TerminalError],
    ['ERROR: column "too many" is of type integer but expression is of type text', TerminalError],
    ['ERROR: permission denied for relation "timeout"', TerminalError],
    ['ERROR: cannot cast type boolean to date', TerminalError],
    ['ERROR: could not open relation with OID 108431', TransientError],
    ['ERROR: could not complete because of conflict with "a column that cannot"', TransientError],
    ['ERROR: leader node is unavailable', TransientError],
    ['ERROR: Connection to the server was lost', TransientError],
    ['1023 DETAIL: Serializable isolation violation on table in Redshift ("orders")', TransientError],
  ])('%s is of the right kind, whatever the names in it', (error, kind) => {
    const translated = statementError(error, 'The load');
    expect(translated).toBeInstanceOf(kind);
  });
});

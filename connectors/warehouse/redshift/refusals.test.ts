import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../../core/errors.ts';
import { missing } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { columns } from '../conformance/fixtures.ts';
import type { RedshiftPlace } from './api.ts';
import { FIRST, never, NOON, redshiftTests } from './harness.ts';

describe.skipIf(missing)(`RedshiftWarehouse refuses ${missing ?? ''}`, { timeout: 60_000 }, () => {
  const { bench, warehouse, open, load, request, nothingIsLeft } = redshiftTests({
    secrets: new Map([['arn:malformed', 'hunter22']]),
  });

  const of = (place: Partial<RedshiftPlace> & ({ workgroup: string } | { cluster: string })) =>
    open({ place: { database: bench().postgres.database, ...place } });
  const secret = (secretArn: string) => of({ workgroup: 'sluice', secretArn }).query('SELECT 1');
  const faulty = (kind: 'paused' | 'access-denied' | 'copy-denied' | 'copy-other-region') => {
    bench().data.faults.add({ kind });
    return load(FIRST);
  };

  /** What, where, and what to do next: in this order. */
  const refused: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      'a workgroup that does not exist',
      () => of({ workgroup: 'nobody' }).query('SELECT 1'),
      /The query \(workgroup nobody\) failed.*Correct 'workgroup' or 'cluster' in the profile, or AWS_REGION/s,
    ],
    [
      'a database that does not exist',
      () => of({ workgroup: 'sluice', database: 'nothing' }).query('SELECT 1'),
      /The query \(workgroup sluice\) failed\. Correct 'database' in the profile.*"nothing"/s,
    ],
    [
      'a warehouse that is paused',
      () => faulty('paused'),
      /raw_shop\.orders \(workgroup sluice\) failed\. It is paused\. Resume it.*then rerun/s,
    ],
    [
      'a worker that may not use the Data API',
      () => faulty('access-denied'),
      /raw_shop\.orders \(workgroup sluice\).*not authorized.*Give the role of this process the permission/s,
    ],
    [
      'a secret that is missing',
      () => secret('arn:missing'),
      /The query \(workgroup sluice\) failed\. Correct 'secretArn' in the profile, or create the secret/s,
    ],
    [
      'a secret that is no login',
      () => secret('arn:malformed'),
      /The query \(workgroup sluice\) failed\. Store \{"username": …, "password": …\} in the secret/s,
    ],
    [
      'a role that may not be assumed',
      async () => open({ copyRole: 'arn:aws:iam::1:role/other' }).load(await request(FIRST), never),
      /l1 of raw_shop\.orders failed\. Attach the role named in 'copyRole'.*role\/other/s,
    ],
    [
      'a role that may not read the bucket',
      () => faulty('copy-denied'),
      /l1 of raw_shop\.orders failed\. Give the role named in 'copyRole' s3:GetObject and s3:ListBucket/s,
    ],
    [
      'a bucket in another region',
      () => faulty('copy-other-region'),
      /l1 of raw_shop\.orders failed\. Put the lake and the warehouse into the same region/s,
    ],
    [
      'files with fewer columns than the table',
      () =>
        load({
          ...FIRST,
          manifest: {
            schema: { columns: columns({ id: 'int64', at: 'timestamp', note: 'string', paid: 'int64' }) },
          },
        }),
      /Load l1: the columns of s3:\/\/lake\/.*\.parquet.*'paid' is missing instead of int64.*extract the table again/s,
    ],
    [
      'a text of 70,000 bytes',
      () =>
        load({
          loadId: 'l1',
          sql: {
            query: `SELECT 1::BIGINT AS id, TIMESTAMP '${NOON}' AS at, repeat('x', 70000) AS note`,
            rows: 1,
          },
        }),
      /l1 of raw_shop\.orders failed\. A text is longer.*65,535 bytes.*'exclude'.*column 'note'/s,
    ],
    [
      'a query of more than 100 KB',
      () => warehouse().query(`SELECT '${'x'.repeat(110_000)}'`),
      /The query needs a statement of 110\d{3} bytes; the Data API takes 102400\. Make it shorter/,
    ],
    [
      'a load whose statement would be over 100 KB',
      () => {
        const names = Array.from({ length: 900 }, (_, at) => [`${'n'.repeat(110)}_${at}`, 'int16'] as const);
        const wide = columns({ id: 'int64', at: 'timestamp', ...Object.fromEntries(names) });
        const row = [1, NOON, ...names.map(() => 1)];
        return load({ loadId: 'l1', columns: wide, files: [[row]] });
      },
      /l1 of raw_shop\.orders needs a statement of \d{6} bytes.*leave columns out under 'exclude'/s,
    ],
    [
      'more changes of columns than fit a transaction',
      async () => {
        await load({ ...FIRST, loadId: 'l0' });
        const names = Array.from({ length: 40 }, (_, at) => [`n${at}`, 'int16'] as const);
        const wide = columns({ id: 'int64', at: 'timestamp', ...Object.fromEntries(names) });
        return load({ loadId: 'l1', columns: wide, files: [[[1, NOON, ...names.map(() => 1)]]] });
      },
      /l1 of raw_shop\.orders needs \d+ statements in one transaction; the Data API takes 40\. Change fewer columns/,
    ],
    [
      'JSON that SUPER does not take',
      () =>
        load({
          loadId: 'l1',
          columns: columns({ id: 'int64', at: 'timestamp', note: 'json' }),
          files: [[[1, NOON, '{nonsense']]],
        }),
      /l1 of raw_shop\.orders failed.*json: 'text' in the profile/s,
    ],
    [
      'columns that differ only in case',
      () =>
        load({ loadId: 'l1', columns: columns({ id: 'int64', at: 'timestamp', ID: 'int64' }), files: [] }),
      /raw_shop\.orders: column 'ID' has the name of column 'id'.*Rename it in the source/s,
    ],
  ];
  for (const [what, attempt, message] of refused) {
    it(`says what to do about ${what}`, async () => {
      const failure = attempt();
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.toBeInstanceOf(TerminalError);
      await expect(failure).rejects.not.toThrow('hunter22');
      await nothingIsLeft();
    });
  }
});

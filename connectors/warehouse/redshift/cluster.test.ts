import { ListStatementsCommand, DescribeStatementCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { missing } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { day } from '../conformance/fixtures.ts';
import type { RedshiftPlace } from './api.ts';
import { FIRST, never, redshiftTests, SECOND } from './harness.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:redshift';
const LOGIN = JSON.stringify({ username: 'sluice', password: 'p' });

describe.skipIf(missing)(`a provisioned Redshift cluster ${missing ?? ''}`, { timeout: 60_000 }, () => {
  const tests = redshiftTests({ secrets: new Map([[ARN, LOGIN]]) });
  const open = (place: Partial<RedshiftPlace> & { cluster: string }) =>
    tests.open({ place: { database: tests.bench().postgres.database, ...place } });
  const places = async () => {
    const client = tests.bench().client();
    const { Statements = [] } = await client.send(new ListStatementsCommand({ Status: 'ALL' }));
    const described = Statements.map(({ Id }) => client.send(new DescribeStatementCommand({ Id })));
    const found = (await Promise.all(described)).map(
      ({ ClusterIdentifier, DbUser, SecretArn, WorkgroupName }) =>
        JSON.stringify({ ClusterIdentifier, DbUser, SecretArn, WorkgroupName }),
    );
    return new Set(found);
  };

  it.each([
    ['the role’s own user', {}],
    ['a database user', { dbUser: 'sluice' }],
    ['the user of a secret', { secretArn: ARN }],
  ])('is loaded and read as %s', async (_, who) => {
    const before = await places();
    const warehouse = open({ cluster: 'sluice-cluster', ...who });
    expect(await warehouse.lastLoad('shop', 'orders')).toBeUndefined();
    await warehouse.load(await tests.request(FIRST), never);
    const second = await tests.request(SECOND);
    expect(await warehouse.load(second, never)).toMatchObject({ rowsLoaded: 2, rowsDeleted: 1 });
    expect(await warehouse.load(second, never)).toMatchObject({ alreadyApplied: true });
    await tests.appliedOnce();
    expect(await warehouse.lastLoad('shop', 'orders', day(2))).toMatchObject({ loadId: 'l2' });
    expect(await warehouse.appliedLoadIds()).toEqual(new Set(['l1', 'l2']));
    expect(await warehouse.query('SELECT COUNT(*) AS n FROM raw_shop.orders')).toMatchObject({
      rows: [{ n: '3' }],
    });
    const sent = [...(await places())].filter((place) => !before.has(place));
    expect(sent.map((place) => JSON.parse(place) as unknown)).toEqual([
      {
        ClusterIdentifier: 'sluice-cluster',
        ...('dbUser' in who ? { DbUser: who.dbUser } : {}),
        ...('secretArn' in who ? { SecretArn: who.secretArn } : {}),
      },
    ]);
  });

  it('is told from a workgroup of the same name', async () => {
    await expect(open({ cluster: 'sluice' }).query('SELECT 1')).rejects.toThrow(
      /cluster sluice.*Correct 'workgroup' or 'cluster' in the profile/s,
    );
  });
});

import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { setTimeout as pause } from 'node:timers/promises';
import { patiently } from '../patiently.ts';
import type { ProvisionRequest } from './request.ts';
import { credentialsFor, store } from './secrets.ts';
import { redshiftSchemas, redshiftUser } from './statements.ts';

const client = new RedshiftDataClient();
const pollMs = 1000;

export async function provisionRedshift(request: ProvisionRequest): Promise<void> {
  for (const user of request.users) {
    const credentials = await credentialsFor(request, user);
    const id = await execute(request, `SELECT 1 FROM pg_user WHERE usename = '${user.name}'`);
    const found = await client.send(new GetStatementResultCommand({ Id: id }));
    for (const statement of redshiftUser(user, credentials, (found.TotalNumRows ?? 0) > 0))
      await execute(request, statement);
    await store(user.secretArn, credentials);
  }
  for (const statement of redshiftSchemas(request)) await execute(request, statement);
}

async function execute(request: ProvisionRequest, sql: string): Promise<string> {
  const statement = new ExecuteStatementCommand({
    Sql: sql,
    Database: request.adminDatabase,
    WorkgroupName: request.workgroup,
    SecretArn: request.adminSecretArn,
  });
  const { Id } = await patiently(() => client.send(statement));
  if (Id === undefined) throw new Error('Redshift gave no statement id');
  for (;;) {
    const { Status, Error: reason } = await client.send(new DescribeStatementCommand({ Id }));
    if (Status === 'FINISHED') return Id;
    if (Status === 'FAILED' || Status === 'ABORTED')
      throw new Error(`Redshift ${Status}: ${reason ?? 'no reason given'}`);
    await pause(pollMs);
  }
}

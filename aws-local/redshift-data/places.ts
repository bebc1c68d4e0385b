import { invalid } from './error.ts';

/** What statements may be sent to. Where a list is absent, any name is taken. */
export interface Places {
  /** Names of serverless workgroups that exist. */
  readonly workgroups?: ReadonlySet<string> | undefined;
  /** Names of provisioned clusters that exist. */
  readonly clusters?: ReadonlySet<string> | undefined;
  /** Text of the secrets that exist, by ARN. */
  readonly secrets?: ReadonlyMap<string, string> | undefined;
}

interface Named {
  readonly WorkgroupName?: string | undefined;
  readonly ClusterIdentifier?: string | undefined;
  readonly Database?: string | undefined;
  readonly DbUser?: string | undefined;
  readonly SecretArn?: string | undefined;
}

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html. @throws {ServiceError} */
export function mustBePlace(
  { WorkgroupName, ClusterIdentifier, Database, DbUser, SecretArn }: Named,
  { workgroups, clusters, secrets }: Places,
  database: string,
): void {
  if ((WorkgroupName === undefined) === (ClusterIdentifier === undefined))
    throw invalid('Exactly one of WorkgroupName and ClusterIdentifier is needed.');
  if (Database === undefined) throw invalid('Database is needed.');
  if (WorkgroupName !== undefined && DbUser !== undefined)
    throw invalid('DbUser cannot be given with WorkgroupName.');
  if (DbUser !== undefined && SecretArn !== undefined)
    throw invalid('Only one of DbUser and SecretArn can be given.');
  const known = WorkgroupName === undefined ? clusters : workgroups;
  if (known && !known.has(WorkgroupName ?? ClusterIdentifier ?? ''))
    throw invalid("Redshift endpoint doesn't exist in this region.");
  if (SecretArn !== undefined && secrets) mustBeLogin(secrets.get(SecretArn));
  if (Database !== database) throw invalid(`FATAL: database "${Database}" does not exist`);
}

function mustBeLogin(secret: string | undefined): void {
  if (secret === undefined) throw invalid(`Secrets Manager can't find the specified secret.`);
  try {
    const { username, password } = JSON.parse(secret) as Record<string, unknown>;
    if (typeof username === 'string' && typeof password === 'string') return;
  } catch {
    // told below, as for one without these fields
  }
  throw invalid('The secret does not contain a username and a password.');
}

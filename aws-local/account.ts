import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import pg from 'pg';
import { startExporter } from './rds/exporter.ts';
import { installAwsS3 } from './rds/extension.ts';
import { startRedshift } from './redshift/start.ts';
import { keysOf, startStack, type StackOptions } from './services/stack.ts';

export interface AccountOptions extends Pick<
  StackOptions,
  'host' | 's3Endpoint' | 'secretAccessKey' | 'memory'
> {
  /** What others call this host (default the loopback address). */
  readonly name?: string;
  /** Takes objects, logs and what jobs leave. Without it, Redshift begins empty as well. */
  readonly folder: string;
  /** Free ones where absent. */
  readonly ports?: StackOptions['ports'] & {
    readonly redshiftData?: number;
    readonly redshift?: number;
    readonly exporter?: number;
  };
  /** A PostgreSQL ≥ 15 and a superuser of it: takes the database of Redshift and that of the ledger. */
  readonly postgres: Login;
  readonly ledgerDatabase: string;
  /** What pipelines read. */
  readonly sources: Readonly<Record<keyof typeof READERS, Login & { readonly database: string }>>;
}

interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface Account {
  /** What `profiles/aws-local.yaml` and the SDKs ask for. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The secret of each source, by its name in the variables of the profile. */
const READERS = {
  OLIST: 'sluice/local/olist-reader',
  OLIST_MYSQL: 'sluice/local/olist-mysql-reader',
  BIKESTORE: 'sluice/local/bikestore-reader',
} as const;
const BUCKET = 'sluice-lake';
const WORKGROUP = 'sluice';
const WAREHOUSE = 'redshift'; // the database, in PostgreSQL and in Redshift
const COPY_ROLE = 'arn:aws:iam::123456789012:role/sluice-redshift-copy';
/** Of containers; nobody holds them to it here. */
const TASKS = {
  SLUICE_TASKS_SUBNETS: 'subnet-local',
  SLUICE_TASKS_SECURITY_GROUP: 'sg-local',
  SLUICE_TASKS_EXECUTION_ROLE_ARN: 'arn:aws:iam::123456789012:role/sluice-tasks-execution',
  SLUICE_TASKS_ROLE_ARN: 'arn:aws:iam::123456789012:role/sluice-tasks',
  SLUICE_TASKS_IMAGE: 'sluice:local',
};

/** An AWS account as infra-cdktf makes one, of stand-ins: bucket, Glue job, cluster, workgroup, secrets, topic. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  const { folder, host, name = '127.0.0.1', ports = {}, postgres, sources, ledgerDatabase } = options;
  const keys = keysOf(options);
  const services = await startStack({ ...options, bucket: BUCKET });
  const region = services.env['AWS_REGION'] ?? '';
  await prepareDatabases(folder, postgres, ledgerDatabase);
  const redshift = await startRedshift({
    postgres: { ...postgres, database: WAREHOUSE },
    s3: { endpoint: services.s3.endpoint, region: region, ...keys },
    copyRoles: new Set([COPY_ROLE]),
    workgroups: new Set([WORKGROUP]),
    ...(host === undefined ? {} : { host }),
    ...(ports.redshiftData === undefined ? {} : { dataPort: ports.redshiftData }),
    ...(ports.redshift === undefined ? {} : { wirePort: ports.redshift }),
  });
  const exporter = await startExporter({
    s3: { endpoint: services.s3.endpoint, region },
    keys,
    port: ports.exporter,
    ...(host === undefined ? {} : { host }),
  });
  await installAwsS3(sources.BIKESTORE, { host: name, port: exporter.port });
  const secrets = new Secrets(services.moto.endpoint, region, keys);
  const loader = { ...postgres, host: name, port: redshift.wire.port };
  return {
    variables: {
      ...services.env,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: redshift.data.endpoint,
      SLUICE_ENVIRONMENT: 'local',
      SLUICE_LEDGER_HOST: postgres.host,
      SLUICE_LEDGER_PORT: String(postgres.port),
      SLUICE_LEDGER_DATABASE: ledgerDatabase,
      SLUICE_LEDGER_SECRET_ARN: await secrets.keep('sluice/local/ledger', postgres),
      ...(await sourceVariables(sources, secrets)),
      SLUICE_GLUE_EXTRACT_JOB: services.extractionJob,
      SLUICE_LAKE_BUCKET: BUCKET,
      SLUICE_REDSHIFT_DATABASE: WAREHOUSE,
      SLUICE_REDSHIFT_WORKGROUP: WORKGROUP,
      SLUICE_REDSHIFT_SECRET_ARN: await secrets.keep('sluice/local/warehouse-loader', loader),
      SLUICE_REDSHIFT_COPY_ROLE_ARN: COPY_ROLE,
      SLUICE_TASKS_CLUSTER: services.containers.cluster,
      SLUICE_TASKS_LOG_GROUP: services.containers.logGroup,
      ...TASKS,
      SLUICE_ALERTS_TOPIC_ARN: await secrets.topic('sluice-alerts'),
    },
    async stop() {
      await redshift.stop();
      await exporter.stop();
      await services.stop();
      secrets.close();
    },
  };
}

async function sourceVariables(
  sources: AccountOptions['sources'],
  secrets: Secrets,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const source of Object.keys(READERS) as (keyof typeof READERS)[]) {
    const { host, port, database } = sources[source];
    const given = { HOST: host, PORT: String(port), DATABASE: database };
    for (const [what, value] of Object.entries(given)) variables[`SLUICE_SOURCE_${source}_${what}`] = value;
    variables[`SLUICE_SOURCE_${source}_SECRET_ARN`] = await secrets.keep(READERS[source], sources[source]);
  }
  return variables;
}

/** Redshift's data go with the folder that has the objects: where it is new, the database is made anew. */
async function prepareDatabases(folder: string, postgres: Login, ledgerDatabase: string): Promise<void> {
  const mark = join(folder, 'redshift');
  const client = new pg.Client({ ...postgres, database: 'postgres' });
  await client.connect();
  try {
    if (!existsSync(mark)) await client.query(`DROP DATABASE IF EXISTS ${WAREHOUSE} WITH (FORCE)`);
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    for (const name of [WAREHOUSE, ledgerDatabase]) {
      if (rows.every(({ datname }) => datname !== name)) {
        await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'`);
      }
    }
  } finally {
    await client.end();
  }
  await writeFile(
    mark,
    `The data are in the database '${WAREHOUSE}' of ${postgres.host}:${postgres.port}.\n`,
  );
}

/** What moto keeps; it forgets all when it ends. */
class Secrets {
  readonly #secrets: SecretsManagerClient;
  readonly #topics: SNSClient;

  constructor(endpoint: string, region: string, credentials: ReturnType<typeof keysOf>) {
    const settings = { endpoint, region, credentials };
    this.#secrets = new SecretsManagerClient(settings);
    this.#topics = new SNSClient(settings);
  }

  /** @returns its name, which goes wherever an ARN does and, other than that, stays the same when moto starts again */
  async keep(name: string, { host, port, user, password }: Login): Promise<string> {
    const SecretString = JSON.stringify({ username: user, password, host, port });
    await this.#secrets.send(new CreateSecretCommand({ Name: name, SecretString }));
    return name;
  }

  async topic(name: string): Promise<string> {
    return (await this.#topics.send(new CreateTopicCommand({ Name: name }))).TopicArn ?? '';
  }

  close(): void {
    this.#secrets.destroy();
    this.#topics.destroy();
  }
}

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openAccount } from './account.ts';
import { missingForStack } from './services/stack.ts';

// Runs the stand-ins until it is told to stop. Settings are environment variables; once all answers, `environment.json` in the
// folder has what the profile `aws-local` and the SDKs ask for.

const port = z.coerce.number().int().min(1).max(65_535);
const settings = z.object({
  AWS_LOCAL_FOLDER: z.string().min(1),
  /** What the servers listen on, and what others call it. */
  AWS_LOCAL_HOST: z.string().default('127.0.0.1'),
  AWS_LOCAL_NAME: z.string().default('127.0.0.1'),
  /** Of moto; Glue, the Data API, Redshift's port, S3 and the exporter of RDS follow. Free ones where absent. */
  AWS_LOCAL_FIRST_PORT: port.optional(),
  AWS_LOCAL_S3_ENDPOINT: z.url().optional(),
  AWS_LOCAL_SPARK_MEMORY: z.string().default('1g'),
  AWS_LOCAL_POSTGRES_HOST: z.string(),
  AWS_LOCAL_POSTGRES_PORT: port,
  AWS_LOCAL_POSTGRES_USER: z.string(),
  AWS_LOCAL_LEDGER_DATABASE: z.string().default('sluice_aws_local'),
  AWS_LOCAL_SOURCE_HOST: z.string(),
  AWS_LOCAL_SOURCE_PORT: port,
  AWS_LOCAL_SOURCE_DATABASE: z.string(),
  AWS_LOCAL_SOURCE_USER: z.string(),
  /** In the same server. */
  AWS_LOCAL_BIKESTORE_DATABASE: z.string().default('bikestore'),
  AWS_LOCAL_MYSQL_HOST: z.string(),
  AWS_LOCAL_MYSQL_PORT: port,
  AWS_LOCAL_MYSQL_DATABASE: z.string().default('olist'),
  AWS_LOCAL_MYSQL_USER: z.string(),
});

try {
  await serve();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const parsed = settings.safeParse(process.env);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const given = parsed.data;
  const s3 = given.AWS_LOCAL_S3_ENDPOINT === undefined ? {} : { s3Endpoint: given.AWS_LOCAL_S3_ENDPOINT };
  const missing = missingForStack(s3);
  if (missing.length) throw new Error(missing.join('\n'));
  const folder = given.AWS_LOCAL_FOLDER;
  const first = given.AWS_LOCAL_FIRST_PORT;
  const ready = join(folder, 'environment.json');
  await mkdir(folder, { recursive: true });
  await rm(ready, { force: true });
  const server = {
    host: given.AWS_LOCAL_SOURCE_HOST,
    port: given.AWS_LOCAL_SOURCE_PORT,
    user: given.AWS_LOCAL_SOURCE_USER,
    password: await password('AWS_LOCAL_SOURCE_PASSWORD'),
  };
  const account = await openAccount({
    folder,
    host: given.AWS_LOCAL_HOST,
    name: given.AWS_LOCAL_NAME,
    secretAccessKey: (await secret('AWS_LOCAL_SECRET_KEY')) ?? 'local-secret',
    memory: given.AWS_LOCAL_SPARK_MEMORY,
    ...s3,
    ...(first === undefined
      ? {}
      : {
          ports: {
            moto: first,
            glue: first + 1,
            redshiftData: first + 2,
            redshift: first + 3,
            s3: first + 4,
            exporter: first + 5,
          },
        }),
    postgres: {
      host: given.AWS_LOCAL_POSTGRES_HOST,
      port: given.AWS_LOCAL_POSTGRES_PORT,
      user: given.AWS_LOCAL_POSTGRES_USER,
      password: await password('AWS_LOCAL_POSTGRES_PASSWORD'),
    },
    ledgerDatabase: given.AWS_LOCAL_LEDGER_DATABASE,
    sources: {
      OLIST: { ...server, database: given.AWS_LOCAL_SOURCE_DATABASE },
      BIKESTORE: { ...server, database: given.AWS_LOCAL_BIKESTORE_DATABASE },
      OLIST_MYSQL: {
        host: given.AWS_LOCAL_MYSQL_HOST,
        port: given.AWS_LOCAL_MYSQL_PORT,
        database: given.AWS_LOCAL_MYSQL_DATABASE,
        user: given.AWS_LOCAL_MYSQL_USER,
        password: await password('AWS_LOCAL_MYSQL_PASSWORD'),
      },
    },
  });
  await writeFile(`${ready}.new`, JSON.stringify(account.variables, null, 2), { mode: 0o600 });
  await rename(`${ready}.new`, ready);
  console.log('the stand-ins answer');
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  await account.stop();
}

/** From the variable, or from the file that `<variable>_FILE` names. */
async function secret(variable: string): Promise<string | undefined> {
  const file = process.env[`${variable}_FILE`];
  return file === undefined ? process.env[variable] : (await readFile(file, 'utf8')).trimEnd();
}

async function password(variable: string): Promise<string> {
  const value = await secret(variable);
  if (!value) throw new Error(`Set ${variable}, or ${variable}_FILE to a file that holds it.`);
  return value;
}

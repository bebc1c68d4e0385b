import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { patiently } from '../patiently.ts';
import { newPassword } from './password.ts';
import type { Credentials, ProvisionRequest, UserRequest } from './request.ts';

const client = new SecretsManagerClient();

export async function administrator(secretArn: string): Promise<Pick<Credentials, 'username' | 'password'>> {
  const text = await read(secretArn);
  if (text === undefined) throw new Error(`${secretArn} has no value: the database is not ready`);
  return JSON.parse(text) as Pick<Credentials, 'username' | 'password'>;
}

/** The password that the secret holds already, else a new one: repeating a request locks nobody out. */
export async function credentialsFor(request: ProvisionRequest, user: UserRequest): Promise<Credentials> {
  const [dbname] = user.databases;
  if (dbname === undefined) throw new Error(`user ${user.name} has no database`);
  const stored = await read(user.secretArn);
  const password = stored === undefined ? newPassword() : (JSON.parse(stored) as Credentials).password;
  return {
    engine: request.engine,
    host: request.host,
    port: request.port,
    dbname,
    username: user.name,
    password,
  };
}

export async function store(secretArn: string, credentials: Credentials): Promise<void> {
  await patiently(() =>
    client.send(
      new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(credentials) }),
    ),
  );
}

async function read(secretArn: string): Promise<string | undefined> {
  try {
    const { SecretString } = await patiently(() =>
      client.send(new GetSecretValueCommand({ SecretId: secretArn })),
    );
    return SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

import type { Credentials } from '../provision/request.ts';
import { newPassword } from '../provision/password.ts';

/** What Secrets Manager calls a rotation function with. https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
export interface RotationEvent {
  readonly Step: string;
  /** The secret's ARN. */
  readonly SecretId: string;
  /** Names the new version. */
  readonly ClientRequestToken: string;
}

export interface Vault {
  describe(secret: string): Promise<SecretState>;
  /** What the version with that stage holds, where it is the one with that token; undefined where there is none. */
  read(secret: string, stage: Stage, token?: string): Promise<Credentials | undefined>;
  /** As the version `token`, which is pending from then on. */
  add(secret: string, token: string, credentials: Credentials): Promise<void>;
  /** Makes the version `token` the current one. */
  promote(secret: string, token: string, instead: string | undefined): Promise<void>;
}
export type Stage = 'AWSCURRENT' | 'AWSPENDING';
export interface SecretState {
  readonly name: string;
  /** Version -> its stages. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

export interface Databases {
  /** False where the database knows the user by another password; whatever else is wrong is thrown. */
  accepts(credentials: Credentials): Promise<boolean>;
  /** Signs in with the credentials and gives their user another password. */
  change(credentials: Credentials, password: string): Promise<void>;
}

export interface Places {
  readonly vault: Vault;
  readonly databases: Databases;
  /** Has whoever read the secret as they started start anew. */
  restart(secretName: string): Promise<void>;
}

/**
 * One step of a rotation. A user changes its own password: nobody's else is needed. Every step may be called again, also after a part of
 * it was done.
 */
export async function rotate(event: RotationEvent, places: Places): Promise<void> {
  const { SecretId: secret, ClientRequestToken: token } = event;
  const { vault, databases } = places;
  const { name, versions } = await vault.describe(secret);
  const stages = versions[token];
  if (stages === undefined) throw new Error(`${name} has no version ${token} to be rotated to`);
  const isCurrent = stages.includes('AWSCURRENT');
  if (event.Step === 'finishSecret') {
    if (!isCurrent) await vault.promote(secret, token, currentOf(versions));
    return places.restart(name);
  }
  if (isCurrent) return;
  const current = await vault.read(secret, 'AWSCURRENT');
  if (current === undefined)
    throw new Error(`${name} has no value yet: let the deployment make its user first`);
  const pending = await vault.read(secret, 'AWSPENDING', token);
  switch (event.Step) {
    case 'createSecret':
      if (pending === undefined) await vault.add(secret, token, { ...current, password: newPassword() });
      return;
    case 'setSecret':
      if (pending === undefined) throw new Error(`${name} has no new password to set`);
      if (await databases.accepts(pending)) return;
      if (!(await databases.accepts(current)))
        throw new Error(
          `${current.host} knows ${current.username} neither by the password in ${name} nor by the new one: invoke the provision function`,
        );
      return databases.change(current, pending.password);
    case 'testSecret':
      // Secrets Manager tries this step alone where it is told the schedule, with no new password made.
      if (await databases.accepts(pending ?? current)) return;
      throw new Error(`${current.host} does not let ${current.username} in with what ${name} holds`);
    default:
      throw new Error(`unknown step ${event.Step}`);
  }
}

function currentOf(versions: SecretState['versions']): string | undefined {
  return Object.keys(versions).find((version) => versions[version]?.includes('AWSCURRENT'));
}

import { Client, Connection } from '@temporalio/client';
import { openLedger } from '../connectors/open.ts';
import type { Ledger } from '../connectors/ledger/port.ts';
import { EnvironmentSecrets } from '../connectors/secrets/environment.ts';
import { FileSecrets } from '../connectors/secrets/file.ts';
import { TransientError, messageOf } from '../core/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { readProfile } from '../profiles/read.ts';
import { embeddedEnvironment } from './embedded/environment.ts';
import { homeFolder } from './embedded/home.ts';
import { openStack } from './embedded/stack.ts';
import { readState } from './embedded/state.ts';
import type { Output } from './output.ts';

export interface Session {
  readonly profile: Profile;
  readonly temporal: Client;
  readonly ledger: Ledger;
}

export interface GlobalOptions {
  readonly profile: string;
  readonly json: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** The profile's settings, for commands that need no stack. */
export async function loadProfile(name: string): Promise<Profile> {
  const home = homeFolder(process.env);
  const embedded = name === 'embedded' ? embeddedEnvironment(home, readState(home)) : {};
  return readProfile(name, [new EnvironmentSecrets({ ...process.env, ...embedded }), new FileSecrets()]);
}

/**
 * Runs a command against Temporal and the ledger. In the embedded profile it uses the stack that `sluice dev` runs, else
 * starts one for as long as the command lasts.
 */
export async function withSession<T>(
  options: GlobalOptions,
  output: Output,
  command: (session: Session) => Promise<T>,
): Promise<T> {
  if (options.profile !== 'embedded') return connected(options.profile, command);
  const stack = await openStack(homeFolder(process.env), (what) => output.progress(what));
  const stop = () => void stack.stop().finally(() => process.exit(130));
  if (!stack.attached) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    return await connected(options.profile, command);
  } finally {
    if (!stack.attached) output.progress('stopping');
    await stack.stop();
  }
}

async function connected<T>(profileName: string, command: (session: Session) => Promise<T>): Promise<T> {
  const profile = await loadProfile(profileName);
  const ledger = openLedger(profile);
  const connection = await connect(profile);
  try {
    const temporal = new Client({ connection, namespace: profile.temporal.namespace });
    return await command({ profile, temporal, ledger });
  } finally {
    await Promise.allSettled([ledger.close(), connection.close()]);
  }
}

async function connect({ temporal }: Profile): Promise<Connection> {
  try {
    return await Connection.connect({ address: temporal.address, connectTimeout: CONNECT_TIMEOUT_MS });
  } catch (error) {
    throw new TransientError(
      `Temporal at ${temporal.address} cannot be reached: ${messageOf(error)}. Start it, or correct 'temporal.address' in the profile.`,
      { cause: error },
    );
  }
}

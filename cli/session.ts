import type { Connection } from '@temporalio/client';
import { openLedger } from '../profiles/open.ts';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { thenCleanUp } from '../core/clean-up.ts';
import { TransientError, messageOf } from '../core/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Session } from '../operations/session.ts';
import { readProfile } from '../profiles/read.ts';
import { secretStores } from '../profiles/secret-stores.ts';
import { embeddedEnvironment } from './embedded/environment.ts';
import { homeFolder, runsOwnStack } from './embedded/home.ts';
import { openStack } from './embedded/stack.ts';
import { readState, type StackParts } from './embedded/state.ts';
import { interruptible, unlessEnding } from './interruption.ts';
import type { Output } from './output.ts';

export type { Session };

export interface GlobalOptions {
  readonly profile: string;
  readonly json: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** The profile's settings, for commands that need no stack. */
export async function loadProfile(name: string): Promise<Profile> {
  if (!runsOwnStack(name, process.env)) return readProfile(name, secretStores(process.env));
  const home = homeFolder(process.env, name);
  const variables = embeddedEnvironment(home, readState(home));
  // The SDKs look there for endpoints and keys.
  for (const [key, value] of Object.entries(variables)) if (key.startsWith('AWS_')) process.env[key] = value;
  return readProfile(name, secretStores({ ...process.env, ...variables }));
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
  return withStack(options, output, 'all', (profile, endsWithCommand) =>
    withLedgerOf(profile, async (ledger) => {
      const connection = await connect(profile);
      return thenCleanUp(
        async () => {
          await ledger.migrate();
          const { Client } = await import('@temporalio/client'); // which no command needs that only reads the ledger
          const temporal = new Client({ connection, namespace: profile.temporal.namespace });
          return await command({ profile, temporal, connection, ledger, endsWithCommand });
        },
        () => connection.close(),
      );
    }),
  );
}

/** Runs a command on the lake and the warehouse: files need no stack, the stand-ins of `aws-local` do. */
export async function withStores<T>(
  options: GlobalOptions,
  output: Output,
  command: (profile: Profile) => Promise<T>,
): Promise<T> {
  if (options.profile === 'embedded') return command(await loadProfile(options.profile));
  return withStack(options, output, 'ledger', command);
}

/**
 * Runs a command that only reads what happened: of an embedded stack it needs no more than PostgreSQL.
 * `stands`: no worker of the stack runs, so what the ledger has as running stands still
 */
export async function withLedger<T>(
  options: GlobalOptions,
  output: Output,
  command: (session: Pick<Session, 'profile' | 'ledger'> & { readonly stands: boolean }) => Promise<T>,
): Promise<T> {
  return withStack(options, output, 'ledger', (profile, _endsWithCommand, stands) =>
    withLedgerOf(profile, async (ledger) => {
      await ledger.migrate();
      return command({ profile, ledger, stands });
    }),
  );
}

async function withStack<T>(
  options: GlobalOptions,
  output: Output,
  parts: StackParts,
  command: (profile: Profile, endsWithCommand: boolean, stands: boolean) => Promise<T>,
): Promise<T> {
  return interruptible(async (ending) => {
    ending.addEventListener('abort', () => output.silence());
    const use = (isOurs: boolean, stands: boolean) =>
      unlessEnding(
        ending,
        loadProfile(options.profile).then((profile) => command(profile, isOurs, stands)),
      );
    if (!runsOwnStack(options.profile, process.env)) return use(false, false);
    const stack = await openStack(options.profile, (what) => output.progress(what), parts, ending);
    return thenCleanUp(
      () => use(!stack.attached, stack.state.parts === 'ledger'),
      async () => {
        if (!stack.attached && parts === 'all') output.progress('stopping');
        await stack.stop();
      },
    );
  });
}

async function withLedgerOf<T>(profile: Profile, use: (ledger: PostgresLedger) => Promise<T>): Promise<T> {
  const ledger = await openLedger(profile);
  return thenCleanUp(
    () => use(ledger),
    () => ledger.close(),
  );
}

/** A connection to the profile's Temporal, which the caller closes. @throws {TransientError} it does not answer in time */
export async function connect(
  { temporal }: Profile,
  connectTimeout = CONNECT_TIMEOUT_MS,
): Promise<Connection> {
  try {
    const { Connection } = await import('@temporalio/client'); // which takes longer to load than the rest of most commands
    return await Connection.connect({ address: temporal.address, connectTimeout });
  } catch (error) {
    throw new TransientError(
      `Temporal at ${temporal.address} cannot be reached: ${messageOf(error)}. Start it, or correct 'temporal.address' in the profile.`,
      { cause: error },
    );
  }
}

import type { Profile, TaskVariables } from './profile.ts';

const LEAST = 8; // characters

const isLong = ({ length }: string) => length >= LEAST;

/** What a profile holds that no log, history or ledger may: passwords, what tasks are given, addresses that are keys. */
export function secretsOf({ ledger, connections, warehouse, tasks, jobs, notify }: Profile): string[] {
  return [
    ledger.password,
    ...Object.values(connections).flatMap((each) => (each.type === 'files' ? [] : [each.password])),
    ...(warehouse.type === 'redshift' ? [warehouse.login.password] : []),
    // Where there are no readers it is a word.
    ...(warehouse.type === 'duckdb' && warehouse.readers ? [warehouse.readers.password] : []).filter(isLong),
    ...(jobs.container?.type === 'docker' ? Object.values(jobs.container.registries) : []).map(
      ({ password }) => password,
    ),
    // Short ones are words and numbers of every text; of what the task itself writes they are masked all the same.
    ...Object.values(tasks).flatMap((each) => secretsOfTask(each).filter(isLong)),
    ...(notify ?? []).flatMap(secretsOfReceiver),
  ];
}

/** What references of the profile have brought: what it says itself is no secret. */
export function secretsOfTask({ env, plain = [] }: TaskVariables): string[] {
  return Object.entries(env).flatMap(([name, value]) => (plain.includes(name) ? [] : [value]));
}

function secretsOfReceiver(receiver: NonNullable<Profile['notify']>[number]): string[] {
  if (receiver.type === 'webhook') return [receiver.url];
  if (receiver.type === 'sns') return [];
  const { password } = new URL(receiver.server);
  return [receiver.server, ...(password ? [password, decodeURIComponent(password)] : [])];
}

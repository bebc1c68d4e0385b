import type { Profile } from './profile.ts';

/** What a profile holds that no log, history or ledger may: passwords, what tasks are given, addresses that are keys. */
export function secretsOf({ ledger, connections, warehouse, tasks, notify }: Profile): string[] {
  return [
    ledger.password,
    ...Object.values(connections).map(({ password }) => password),
    ...(warehouse.type === 'redshift' ? [warehouse.login.password] : []),
    ...Object.values(tasks).flatMap(({ env }) => Object.values(env)),
    ...(notify?.type === 'webhook' ? [notify.url] : []),
  ];
}

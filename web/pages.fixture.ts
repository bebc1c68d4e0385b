import { Client, Connection } from '@temporalio/client';
import type { Ledger } from '../connectors/ledger/port.ts';
import type { Registry } from '../core/registry.ts';
import { profileSchema } from '../profiles/profile.ts';
import { createApp, type AppOptions } from './app.tsx';
import { Doors } from './doors.ts';
import { readAssets } from './assets.ts';
import { servePages, type Serving } from './server.ts';

/** Where nobody listens: these pages have no Temporal. */
const NOWHERE = '127.0.0.1:1';

export const profile = profileSchema.parse({
  temporal: { address: NOWHERE, ui: 'http://127.0.0.1:1' },
  ledger: { host: '127.0.0.1', database: 'sluice', user: 'sluice', password: 'none' },
  connections: {},
  lake: { type: 'folder', path: '/nowhere' },
  warehouse: { type: 'duckdb', file: '/nowhere/w.duckdb' },
  transform: { type: 'dbt', target: 'duckdb', project: '/nowhere', python: '/nowhere', state: '/nowhere' },
});

export interface Pages {
  readonly serving: Serving;
  get(path: string, init?: RequestInit): Promise<Response>;
  text(path: string): Promise<string>;
}

/** Serves pages over a ledger. */
export async function openPages(
  ledger: Ledger,
  registry: Registry,
  options: Partial<AppOptions> = {},
): Promise<Pages> {
  const connection = Connection.lazy({ address: NOWHERE });
  const session = { profile, ledger, connection, temporal: new Client({ connection }) };
  const log = { error: (...what: unknown[]) => process.stderr.write(`${JSON.stringify(what)}\n`) };
  const assets = await readAssets();
  const app = createApp({ session, registry, assets, log, doors: new Doors(undefined, 'anna'), ...options });
  const serving = await servePages(app, '127.0.0.1:0');
  const get = (path: string, init?: RequestInit) => fetch(`${serving.address}${path}`, init);
  return { serving, get, text: async (path) => (await get(path)).text() };
}

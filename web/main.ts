import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { PipelineError, TerminalError } from '../core/errors.ts';
import { dashboards } from '../dashboards/index.ts';
import { whoAmI } from '../operations/act.ts';
import { registry } from '../pipelines/index.ts';
import { openLedger, openPages } from '../profiles/open.ts';
import { readProfile } from '../profiles/read.ts';
import { secretStores } from '../profiles/secret-stores.ts';
import { createApp } from './app.tsx';
import { readAssets } from './assets.ts';
import { Doors, mustBeGuarded } from './doors.ts';
import { servePages } from './server.ts';

const { env } = process;
const log = pino({ name: 'sluice-pages', level: env['SLUICE_LOG_LEVEL'] ?? 'info' });

try {
  const read = () => readProfile(env['SLUICE_PROFILE'] ?? 'embedded', secretStores(env));
  const profile = await read();
  // A stack of ours says where, to projects whose profile is older than the pages as well.
  const pages = { ...profile.pages, address: profile.pages.address || (env['SLUICE_PAGES'] ?? '') };
  if (!pages.address)
    throw new TerminalError("The profile names no 'pages.address'. Give it one, like 127.0.0.1:8088.");
  mustBeGuarded(pages);
  const ledger = await openLedger(profile, read);
  // Connected when it is first needed: pages are there before Temporal is, and after it has gone.
  const connection = Connection.lazy({ address: profile.temporal.address });
  const temporal = new Client({ connection, namespace: profile.temporal.namespace });
  const session = { profile, ledger, connection, temporal };
  const app = createApp({
    session,
    registry,
    assets: await readAssets(),
    dashboards,
    pages: await openPages(profile),
    log,
    doors: new Doors(pages.token, whoAmI()),
  });
  const serving = await servePages(app, pages.address);
  log.info({ address: serving.address }, 'pages are served');
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void serving.close().then(async () => {
        await Promise.allSettled([ledger.close(), connection.close()]);
        process.exit(0);
      });
    });
} catch (error) {
  if (error instanceof PipelineError) log.fatal(error.message);
  else log.fatal(error, 'the pages failed');
  process.exit(1); // what is half open would keep it
}

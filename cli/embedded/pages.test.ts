import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './home.ts';
import { startPages } from './pages.ts';

it.skipIf(process.platform !== 'linux')(
  "the pages of 'sluice dev' are started as those of compose are, which is measured",
  { timeout: 120_000 },
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-dev-pages-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    mkdirSync(join(home, 'logs'));
    // Neither ledger nor Temporal is there: the pages say so, and are served.
    const nowhere = { postgresPort: 1, temporalPort: 1, uiPort: 1, metricsPort: 1, healthPort: 1 };
    const pages = await startPages(
      'embedded',
      home,
      {
        pid: process.pid,
        began: '',
        parts: 'all',
        ending: false,
        children: {},
        variables: {},
        ...nowhere,
        pagesPort: await getPort(),
      },
      () => undefined,
    );
    onTestFinished(() => pages.stop());
    const [, ...args] = readFileSync(`/proc/${pages.pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
      services: { pages: { command: string[] } };
    };
    const [, ...flags] = services.pages.command.slice(0, -1);
    expect(flags).not.toEqual([]);
    expect(args.slice(0, flags.length)).toEqual(flags);
  },
);

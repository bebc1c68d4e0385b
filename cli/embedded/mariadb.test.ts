import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runsAsRoot } from './home-files.ts';
import { wantMariaDb, wantsMariaDb } from './mariadb.ts';

it('wanted before its home is there: as root, the user that PostgreSQL runs as gets in, whatever the mask', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-mariadb-'));
  const before = process.umask(0o077);
  onTestFinished(() => {
    process.umask(before);
    rmSync(folder, { recursive: true });
  });
  const home = join(folder, 'aws-local');
  expect(wantsMariaDb(home)).toBe(false);
  wantMariaDb(home);
  expect(wantsMariaDb(home)).toBe(true);
  expect(statSync(home).mode & 0o077).toBe(runsAsRoot() ? 0o011 : 0);
});

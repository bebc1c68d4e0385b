import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { PROJECT } from '../profiles/project.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome-headless-shell'];
/** Where `setup-browser.mjs` puts one, with the libraries that it needs. */
const OWN = join(PROJECT, '.tools', 'browser');

/** A browser to test pages in: what is on PATH, else the project's own; undefined where there is none, or it does not run here. */
export function browserBinary(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    join(OWN, 'chromium'),
  ];
  return candidates.find(
    (path) => existsSync(path) && spawnSync(path, ['--version'], { env: environment() }).status === 0,
  );
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    env: environment(),
    // Started by root in a container there is no sandbox, and /dev/shm is small.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--headless'],
  });
}

function environment(): Record<string, string> {
  const { LD_LIBRARY_PATH: before = '', ...rest } = process.env;
  const set = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(set),
    LD_LIBRARY_PATH: [join(OWN, 'lib'), OWN, before].filter(Boolean).join(delimiter),
    FONTCONFIG_FILE: join(OWN, 'fonts.conf'),
  };
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

it('a log holds what was written last, in three files of a bounded size, also across starts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
  try {
    const file = join(folder, 'worker.log');
    const line = (n: number) => Buffer.from(`line ${String(n).padStart(6, '0')}\n`);
    for (let n = 0; n < 1_000; n += 1) {
      const log = new LogFile(file, 240);
      log.write(line(n));
      log.close();
    }
    expect(readdirSync(folder).sort()).toEqual(['worker.log', 'worker.log.1', 'worker.log.2']);
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(240);
    const text = ['.2', '.1', ''].map((age) => readFileSync(`${file}${age}`, 'utf8')).join('');
    const kept = text.length / 12;
    expect(text).toBe(Array.from({ length: kept }, (_, at) => String(line(1_000 - kept + at))).join(''));
    expect(kept).toBeGreaterThan(40);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

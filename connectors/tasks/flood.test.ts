import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInput, aTask, SECRET } from './fixture.ts';
import { PacedLines } from './paced-lines.ts';
import { ProjectTasks } from './project.ts';

const MB = 1_000_000;
const LOG_MB = 300; // of the 1 GB that a script may as well write: it takes seconds

let folder: string;
let tasks: ProjectTasks;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flood-'));
  tasks = new ProjectTasks({ folder, environments: { task: { TOKEN: SECRET } } });
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (text: string, onLine: (line: string) => void) =>
  tasks.run(
    aTask({ script: ['bash', '-c', text] }, '10 minutes'),
    anInput(),
    new AbortController().signal,
    onLine,
  );

describe('a script that writes without end', { timeout: 240_000 }, () => {
  it('is bounded: its first and last lines are heard, what was left out is counted, and others have their turn', async () => {
    const lines: string[] = [];
    let peak = 0;
    let turns = 0;
    const watch = setInterval(() => {
      turns += 1;
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const before = process.memoryUsage().rss;
    const text = 'x'.repeat(93);
    await run(`yes ${text} | head -c ${LOG_MB * MB}; echo; echo the last one`, (line) => lines.push(line));
    clearInterval(watch);
    expect(lines[0]).toBe(text);
    expect(lines.at(-1)).toBe('the last one');
    const leftOut = lines.flatMap((line) => /^… (\d+) lines left out/.exec(line)?.[1] ?? []);
    const said = leftOut.reduce((sum, each) => sum + Number(each), 0);
    // Every line was either given or counted.
    expect(said + lines.length - leftOut.length).toBe(Math.ceil((LOG_MB * MB) / 94) + 1);
    expect(lines.length).toBeLessThan(200_000);
    expect((peak - before) / MB).toBeLessThan(100);
    // Somebody who wants to act every 20 ms can: no stretch of work holds him up for long.
    expect(turns).toBeGreaterThan(20);
  });
});

describe('lines', () => {
  it('that come slowly are all given, in their order', () => {
    const given: string[] = [];
    const lines = new PacedLines((line) => given.push(line));
    for (let i = 0; i < 900; i += 1) lines.take(String(i));
    lines.end();
    expect(given).toEqual(Array.from({ length: 900 }, (_, i) => String(i)));
  });

  it('that come too fast lose their middle, which is counted where it is missing', () => {
    const given: string[] = [];
    const lines = new PacedLines((line) => given.push(line));
    for (let i = 0; i < 5_000; i += 1) lines.take(String(i));
    lines.end();
    expect(given).toHaveLength(1_200);
    expect(given.slice(999, 1_002)).toEqual(['999', expect.stringMatching(/^… 3801 lines left out/), '4801']);
    expect(given.at(-1)).toBe('4999');
    lines.take('more');
    lines.end();
    expect(given.at(-1)).toBe('more');
  });
});

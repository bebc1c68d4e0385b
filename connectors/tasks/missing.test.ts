import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingOf } from './missing.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tasks-'));
  writeFileSync(join(folder, 'tell.ts'), 'export default () => 1;');
  writeFileSync(join(folder, 'score.py'), 'print(1)');
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n');
});
afterAll(() => rmSync(folder, { recursive: true }));
const script = (...words: [string, ...string[]]) => missingOf({ script: words }, folder, true);

describe('what a task names', () => {
  it('may be a function, a program on PATH, or a file beside the functions', () => {
    expect(missingOf({ run: 'tell' }, folder, true)).toBeUndefined();
    const there: [string, ...string[]][] = [
      ['node', 'score.py', 'more.py'],
      ['sh', '-c', 'exit 0 # gone.sh'],
      ['sh', '$HOME/made-later.sh'],
      ['echo', 'gone.py'],
    ];
    for (const words of there) expect(script(...words), words.join(' ')).toBeUndefined();
  });

  it('is told where it does not compile, with the line', () => {
    writeFileSync(join(folder, 'broken.ts'), 'const a = 1;\nexport default (: number) => a;\n');
    writeFileSync(join(folder, 'typed.js'), 'const a: number = 1;\n');
    expect(missingOf({ run: 'broken' }, folder, true)).toMatch(
      /^run: \S+broken\.ts:2:17 does not compile: .+; correct it\.$/,
    );
    expect(missingOf({ run: 'typed' }, folder, true)).toMatch(/typed\.js:1:8 does not compile/);
  });

  it('is missed where it is not there, or may not be run', () => {
    expect(missingOf({ run: 'tel' }, folder, true)).toBe(
      `run: there is no ${join(folder, 'tel.ts')}; write it, or correct the name.`,
    );
    expect(script('no-such-program')).toMatch(/no program 'no-such-program' on PATH/);
    expect(missingOf({ script: ['no-such-program'] }, folder, false)).toBeUndefined();
    expect(script('sh', 'scor.py')).toMatch(/there is no .*scor\.py/);
    expect(script('./gone.sh')).toMatch(/there is no .*gone\.sh/);
    expect(script('./run.sh')).toMatch(/may not be executed; 'chmod \+x'/);
    chmodSync(join(folder, 'run.sh'), 0o755);
    expect(script('./run.sh')).toBeUndefined();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lakeConforms } from '../conformance/suite.ts';
import { translated } from '../errors.ts';
import { FileSystemLake } from './lake.ts';
import { committed, moveFiles, NOBODYS, ORDERS } from '../conformance/fixtures.ts';

async function filesIn(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

lakeConforms('FileSystemLake', async () => {
  const root = await mkdtemp(join(tmpdir(), "lake of o'neill [1] "));
  return {
    lake: new FileSystemLake({ root }),
    names: () => filesIn(root),
    read: (uri) => readFile(uri),
    overwrite: (uri, text) => writeFile(uri, text),
    age: async (ms) => {
      for (const path of await readdir(root, { recursive: true })) {
        const then = new Date((await stat(join(root, path))).mtimeMs - ms);
        await utimes(join(root, path), then, then);
      }
    },
    move: (from, to) => moveFiles(join(root, from), join(root, to)),
    end: () => rm(root, { recursive: true, force: true }),
  };
});

describe('FileSystemLake on a disk', () => {
  let root: string;
  let lake: FileSystemLake;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lake-'));
    lake = new FileSystemLake({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('leaves no empty folders behind', async () => {
    const { manifestUri } = await committed(lake, 'l1');
    await lake.remove(manifestUri);
    expect(await readdir(root)).toEqual([]);
    await (await lake.open(ORDERS)).abort();
    expect(await readdir(root)).toEqual([]);
  });

  it('lists what is committed while other loads come and go', async () => {
    await committed(lake, 'l1');
    let listing = true;
    const others = Array.from({ length: 4 }, async (_, other) => {
      for (let n = 0; listing; n++)
        await (await lake.open({ ...ORDERS, loadId: `l2-${other}-${n}` })).abort();
    });
    const listed = new Set<string>();
    for (let n = 0; n < 200; n++) {
      const found: string[] = [];
      for await (const { manifest } of lake.list(ORDERS)) found.push(manifest.loadId);
      listed.add(found.join(' '));
    }
    listing = false;
    await Promise.all(others);
    expect([...listed]).toEqual(['l1']);
  });

  it('reads no manifest outside of its folder', async () => {
    await writeFile(join(root, '_manifest.json'), '{}');
    const outside = [
      join(root, '_manifest.json'),
      `${root}/bronze/../../a/b/c/d/e/_manifest.json`,
      'bronze/x',
    ];
    for (const uri of outside) {
      await expect(lake.readManifest(uri)).rejects.toThrow(/is no manifest of the lake/);
      await expect(lake.remove(uri)).rejects.toThrow(/is no manifest of the lake/);
    }
  });

  it.runIf(process.getuid)('says which folder may not be written, and what to do', async () => {
    const asNobody = process.getuid?.() === 0;
    if (asNobody) process.seteuid?.(65534);
    try {
      const closed = new FileSystemLake({ root: asNobody ? join(root, 'lake') : '/lake' });
      await expect(closed.open(ORDERS)).rejects.toMatchObject({
        name: 'TerminalError',
        message: expect.stringMatching(/lake.*(may not be written|read-only).*another lake folder/) as string,
      });
    } finally {
      if (asNobody) process.seteuid?.(0);
    }
  });

  it('says that a file is where its folder must be', async () => {
    await writeFile(join(root, 'bronze'), '');
    await expect(lake.open(ORDERS)).rejects.toThrow(/bronze.*is a file where a folder must be/);
  });

  it.runIf(process.platform === 'linux')('calls a full disk terminal, naming the place', async () => {
    const full = await open('/dev/full', 'w');
    const error: unknown = await full.write('x').catch((thrown: unknown) => thrown);
    await full.close();
    expect(translated(error, '/lake/x')).toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/^\/lake\/x is on a full disk\. Free space/) as string,
    });
  });

  it(
    'has a whole manifest or none when its process is killed at any moment',
    { timeout: 60_000 },
    async () => {
      const script = join(import.meta.dirname, 'commit-forever.fixture.ts');
      for (const after of [0, 7, 31]) {
        const child = spawn(process.execPath, ['--import', 'tsx', script, root], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await once(child.stdout, 'data'); // the first load is committed
        await new Promise((resolve) => setTimeout(resolve, after));
        child.kill('SIGKILL');
        await once(child, 'exit');
        let whole = 0;
        for await (const { manifestUri, manifest } of lake.list(ORDERS)) {
          whole++;
          for (const [at, uri] of lake.fileUris(manifestUri, manifest).entries()) {
            expect((await stat(uri)).size).toBe(manifest.files[at]?.bytes);
          }
        }
        expect(whole).toBeGreaterThan(0);
        await lake.gc({ olderThanMs: -1000, ...NOBODYS, dryRun: false });
        expect(
          (await filesIn(root)).filter(
            (path) => !/load=\w+-[\w-]+\/(part-0\.parquet|_manifest\.json)$/.test(path),
          ),
        ).toEqual([]);
      }
    },
  );
});

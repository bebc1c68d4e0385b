import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Profile } from '../profiles/profile.ts';
import { readProfile } from '../profiles/read.ts';

const ROOT = join(import.meta.dirname, '..');
const service = z.looseObject({
  image: z.string(),
  build: z.unknown().optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.unknown()).default({}),
});
const file = z.object({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});
type Service = z.infer<typeof service>;
/** Of the engine's stack, what a project has not: demo data, Metabase with what it reads, and the stand-ins for AWS. */
const NOT_OURS = /^(seed.*|source-databases|mysql|readers|readers-copy|metabase|s3|aws-.*)$/;
const isOurs = (what: string) =>
  !/^(mysql|readers|metabase)-secret:|^\/secrets\/(mysql|readers|metabase)$/.test(what);

let folder: string;
const read = (path: string) => readFileSync(path, 'utf8');
const compose = (path: string) => file.parse(parse(read(join(path, 'docker-compose.yml')), { merge: true }));
const engines = compose(ROOT);
let ours: z.infer<typeof file>;
let profile: Profile;
const asked: string[] = [];

beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'project-compose-')), 'shop');
  const made = spawnSync(process.execPath, [join(ROOT, 'bin', 'sluice'), 'init', folder], {
    encoding: 'utf8',
  });
  expect(made.stderr).toBe('');
  ours = compose(folder);
  profile = await readProfile(join(folder, 'profiles', 'compose.yaml'), [
    { scheme: 'env', read: (name) => Promise.resolve(name === 'SLUICE_PROJECT' ? '/project' : undefined) },
    { scheme: 'file', read: (path) => Promise.resolve(asked.push(path) ? 'secret' : undefined) },
  ]);
}, 120_000);
afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

/** What must be the same in both, of whatever the project may say otherwise. */
function common(name: string, service: Service) {
  const { build, image, environment, command, entrypoint, volumes, depends_on, ...rest } = service;
  const waitsFor = Object.fromEntries(Object.entries(depends_on).filter(([other]) => !NOT_OURS.test(other)));
  const isBuilt = build !== undefined;
  const given = { ...environment };
  if (isBuilt) delete given['SLUICE_CODE_VERSION']; // an argument of the engine's build, and a variable of the project's image
  if (name === 'source') for (const key of ['POSTGRES_USER', 'POSTGRES_DB']) given[key] = 'of its source';
  return {
    ...rest,
    volumes: volumes.filter(isOurs),
    entrypoint: entrypoint?.filter(isOurs),
    depends_on: waitsFor,
    environment: given,
    command: command?.map((word) => word.replace(/^(\/app\/)?bin\//, '/app/bin/')),
    image: isBuilt ? 'built' : image,
  };
}

describe("a project's docker-compose.yml", () => {
  it("is the engine's own stack, service for service: same images, ports, fences, healthchecks, volumes", () => {
    const wanted = Object.keys(engines.services).filter((name) => !NOT_OURS.test(name));
    expect(Object.keys(ours.services).sort()).toEqual(wanted.sort());
    for (const name of wanted) {
      const [here, there] = [ours.services[name], engines.services[name]];
      if (!here || !there) throw new Error(name);
      expect(common(name, here), name).toEqual(common(name, there));
    }
    for (const name of Object.keys(ours.volumes)) expect(engines.volumes).toHaveProperty(name);
  });

  it('is reached from this machine alone, and carries the name of the project', () => {
    const ports = Object.values(ours.services).flatMap(({ ports }) => ports);
    expect(ports).toHaveLength(3);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{SLUICE_\w+_PORT:-\d+\}:\d+$/);
    expect(ours.name).toBe('shop');
    for (const name of ['worker', 'pages', 'deploy'])
      expect(ours.services[name]).toMatchObject({
        image: 'shop:local',
        build: { context: '.', args: { ENGINE: '${SLUICE_ENGINE_IMAGE:-sluice:local}' } },
      });
  });

  it('mounts what init has written, as the engine runs it itself', () => {
    const mounts = Object.values(ours.services).flatMap(({ volumes }) => volumes);
    const files = mounts.filter((mount) => mount.startsWith('./')).map((mount) => mount.split(':')[0] ?? '');
    expect(files.length).toBeGreaterThan(3);
    for (const path of files) {
      expect(existsSync(join(folder, path)), path).toBe(true);
      expect(read(join(folder, path))).toBe(read(join(ROOT, path)));
    }
    for (const mount of mounts.filter((each) => !each.startsWith('./')))
      expect(Object.keys(ours.volumes)).toContain(mount.split(':')[0]);
  });

  it('has no secret in it: passwords are files of volumes, which the profile reads where they are mounted', () => {
    for (const text of [
      read(join(folder, 'docker-compose.yml')),
      read(join(folder, 'profiles/compose.yaml')),
    ]) {
      for (const [, value = ''] of text.matchAll(/password:\s*(\S+)/gi))
        expect(value).toMatch(/^\$\{file:\/run\/secrets\/\w+\/password\}$/);
      expect(text).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
    }
    expect(new Set(asked)).toEqual(new Set(['/run/secrets/ledger/password', '/run/secrets/source/password']));
    const mounted = ours.services['worker']?.volumes.map((mount) => mount.split(':')[1]);
    for (const path of asked) expect(mounted).toContain(dirname(path));
  });

  it('has everything that its profile talks to, under the names and in the database that it says', () => {
    const { temporal, ledger, connections } = profile;
    const shop = connections['shop'];
    if (shop?.type !== 'postgres') throw new Error('the template reads PostgreSQL');
    expect(Object.keys(ours.services)).toEqual(
      expect.arrayContaining([temporal.address.split(':')[0], ledger.host, shop.host]),
    );
    expect(temporal.namespace).toBe(ours.services['temporal-namespace']?.environment['TEMPORAL_NAMESPACE']);
    expect(ours.services['source']?.environment).toMatchObject({
      POSTGRES_USER: shop.user,
      POSTGRES_DB: shop.database,
    });
    expect(profile.tasks['make_orders']?.env['SHOP_URL']).toContain(`@${shop.host}:5432/`);
    expect(profile.transform.project).toBe('/project/dbt'); // as the image has it
    expect(read(join(folder, 'Dockerfile'))).toContain('ENV SLUICE_PROJECT=/project');
  });

  const missing = spawnSync('docker', ['compose', 'version']).status !== 0;
  it.skipIf(missing)(
    `is what Compose takes${missing ? ' NOT TESTED: there is no docker compose' : ''}`,
    () => {
      const said = spawnSync('docker', ['compose', 'config', '-q'], { cwd: folder, encoding: 'utf8' });
      expect(said).toMatchObject({ status: 0, stderr: '' });
    },
  );
});

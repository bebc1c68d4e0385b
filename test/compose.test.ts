import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { DYNAMIC_CONFIG } from '../cli/embedded/temporal.ts';
import { SEARCH_ATTRIBUTES } from '../core/run.ts';
import { readProfile } from '../profiles/read.ts';

const ROOT = join(import.meta.dirname, '..');
const RETENTION = '90d'; // as long as Temporal keeps histories that people can look at

const dependency = z.object({
  condition: z.enum(['service_healthy', 'service_completed_successfully']),
});
const service = z.object({
  image: z.string(),
  profiles: z.array(z.string()).default([]),
  build: z.unknown().optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), dependency).default({}),
  restart: z.enum(['unless-stopped', 'no']),
  healthcheck: z.object({ disable: z.boolean().optional(), test: z.array(z.string()).optional() }).optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  privileged: z.never().optional(),
  network_mode: z.literal('none').optional(),
});
const file = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

const source = read('docker-compose.yml');
const { services, volumes } = file.parse(parse(source, { merge: true }));
const all = Object.entries(services);
const lasting = all.filter(([, { restart }]) => restart === 'unless-stopped');
const once = all.filter(([, { restart }]) => restart === 'no');
const dockerfile = read('Dockerfile');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function named(name: string): z.infer<typeof service> {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service '${name}'.`);
  return found;
}

describe('docker-compose.yml', () => {
  it('has everything that the compose profile talks to, and nothing else that lasts', () => {
    expect(lasting.map(([name]) => name).sort()).toEqual([
      'aws-local',
      'aws-worker',
      'ledger',
      'metabase',
      'mysql',
      'pages',
      'readers',
      'readers-copy',
      's3',
      'source',
      'temporal',
      'temporal-db',
      'ui',
      'worker',
    ]);
    expect(once.map(([name]) => name).sort()).toEqual([
      'aws-deploy',
      'aws-namespace',
      'aws-secrets',
      'deploy',
      'secrets',
      'seed',
      'seed-bikestore',
      'seed-mysql',
      'source-databases',
      'temporal-namespace',
      'temporal-schema',
    ]);
    const of = (profile: string) =>
      all.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);
    expect(of('metabase')).toEqual(['readers', 'readers-copy', 'metabase']);
    expect(of('aws-local').sort()).toEqual([
      'aws-deploy',
      'aws-local',
      'aws-namespace',
      'aws-secrets',
      'aws-worker',
      's3',
    ]);
  });

  it('publishes ports on the loopback interface alone', () => {
    const ports = all.flatMap(([, { ports }]) => ports);
    expect(ports).toHaveLength(4);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{SLUICE_\w+_PORT:-\d+\}:\d+$/);
  });

  it('pins every image to a version, and builds one', () => {
    for (const [, { image, build }] of all) {
      if (build === undefined && image !== 'sluice:local') expect(image).toMatch(/^[\w/-]+:v?\d+[\w.-]*$/);
      else expect(image).toMatch(/^sluice(-aws-local)?:local$/);
    }
    for (const text of [dockerfile, read('aws-local/Dockerfile')]) {
      const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? '');
      const stages = [...text.matchAll(/ AS (\S+)$/gm)].map(([, stage]) => stage);
      for (const base of bases.filter((name) => !stages.includes(name))) {
        expect(base).toBe('node:24-bookworm-slim');
      }
    }
  });

  it('checks the health of what lasts, and waits for it where it is needed', () => {
    for (const [name, { healthcheck, image }] of lasting) {
      // What runs a worker has the check of its image.
      if (!image.startsWith('sluice') || ['pages', 'readers-copy'].includes(name))
        expect(healthcheck?.test, name).toBeDefined();
      else expect(healthcheck, name).toBeUndefined();
    }
    expect(dockerfile).toMatch(/^HEALTHCHECK .*\n.*\/healthz/m);
    expect(read('aws-local/Dockerfile')).toMatch(/^HEALTHCHECK /m);
    for (const [, { depends_on }] of all) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const lasts = named(other).restart === 'unless-stopped';
        expect(condition).toBe(lasts ? 'service_healthy' : 'service_completed_successfully');
      }
    }
  });

  it('has somebody wait for every service that ends, since `up --wait` fails otherwise', () => {
    const waitedFor = new Set(all.flatMap(([, { depends_on }]) => Object.keys(depends_on)));
    for (const [name] of once) expect(waitedFor, name).toContain(name);
  });

  it('checks PostgreSQL over TCP, where it does not answer while it is being set up', () => {
    for (const name of ['temporal-db', 'ledger', 'source', 'readers']) {
      expect(named(name).healthcheck?.test?.join(' ')).toContain('pg_isready -q -h 127.0.0.1');
    }
  });

  it('keeps what is written on named volumes, and logs within bounds', () => {
    for (const [, { volumes: mounts, logging }] of all) {
      for (const mount of mounts) {
        const [from = ''] = mount.split(':');
        if (from.startsWith('./')) {
          expect(existsSync(join(ROOT, from)), from).toBe(true);
          expect(mount).toMatch(/:ro$/);
        } else expect(Object.keys(volumes)).toContain(from);
      }
      expect(logging.options['max-size']).toBeDefined();
    }
  });

  it('fences what runs code of ours or of Temporal: read-only, no capabilities, no new privileges', () => {
    for (const [name, each] of all.filter(([, { image }]) => !/^(postgres|mariadb):/.test(image))) {
      expect(each, name).toMatchObject({
        init: true,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
    for (const text of [dockerfile, read('aws-local/Dockerfile')])
      expect(text.slice(text.lastIndexOf('\nFROM '))).toMatch(/^USER node$/m);
  });
});

describe('secrets', () => {
  it('are in no file and no environment entry: passwords are read from volumes', () => {
    for (const [name, { environment }] of all) {
      for (const [key, value] of Object.entries(environment)) {
        // A secret's name in Secrets Manager is none, and the address of that service neither.
        if (/PASS|PWD|SECRET|TOKEN|KEY/i.test(key) && !/_SECRET_ARN$|^AWS_ENDPOINT_URL_/.test(key)) {
          expect(`${name} ${key} ${value}`).toMatch(/_FILE \/run\/secrets\/[\w-]+\/password$/);
        }
      }
    }
    for (const text of [source, read('profiles/compose.yaml')]) {
      for (const [, value = ''] of text.matchAll(/password:\s*(\S+)/gi)) {
        expect(value).toMatch(/^\$\{file:\/run\/secrets\/\w+\/password(:-none)?\}$/);
      }
      expect(text).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
    }
  });

  it('are mounted, read-only, only where they are used', () => {
    const users = (secret: string) =>
      all
        .filter(([, each]) => each.volumes.some((mount) => mount.startsWith(`${secret}-secret:/run/`)))
        .map(([name]) => name)
        .sort();
    const seeds = ['seed', 'seed-bikestore', 'seed-mysql'];
    expect(users('temporal')).toEqual(['temporal', 'temporal-db', 'temporal-schema']);
    expect(users('ledger')).toEqual([
      'aws-local',
      'deploy',
      'ledger',
      'pages',
      'readers-copy',
      ...seeds,
      'worker',
    ]);
    expect(users('readers')).toEqual(['readers', 'readers-copy']);
    expect(users('metabase')).toEqual(['metabase', 'readers']);
    expect(users('source')).toEqual([
      'aws-local',
      'deploy',
      'pages',
      'readers-copy',
      ...seeds,
      'source',
      'source-databases',
      'worker',
    ]);
    expect(users('mysql')).toEqual([
      'aws-local',
      'deploy',
      'mysql',
      'pages',
      'readers-copy',
      ...seeds,
      'worker',
    ]);
    expect(users('aws-local')).toEqual(['aws-deploy', 'aws-local', 'aws-worker', 's3']);
    const makers = ['secrets', 'aws-secrets'];
    for (const [name, { volumes: mounts }] of all.filter(([name]) => !makers.includes(name))) {
      for (const mount of mounts.filter((each) => each.includes('-secret:')))
        expect(mount, name).toMatch(/:ro$/);
    }
    for (const name of makers) expect(named(name).network_mode).toBe('none');
  });

  it('are those that the profile reads', async () => {
    const asked: string[] = [];
    const files = {
      scheme: 'file',
      read: (path: string) => Promise.resolve(asked.push(path) ? 'a' : undefined),
    };
    const nothing = { scheme: 'env', read: () => Promise.resolve(undefined) };
    const profile = await readProfile('compose', [nothing, files]);
    expect([...new Set(asked)].sort()).toEqual(
      ['ledger', 'mysql', 'readers', 'source'].map((secret) => `/run/secrets/${secret}/password`),
    );
    const byAll = asked.filter((path) => !path.includes('/readers/'));
    for (const path of byAll) {
      expect(named('worker').volumes.map((mount) => mount.split(':')[1])).toContain(dirname(path));
    }
    const { temporal, ledger, connections, warehouse } = profile;
    if (warehouse.type !== 'duckdb' || !warehouse.readers) throw new Error('The profile has no readers.');
    expect(named('readers').environment).toMatchObject({
      POSTGRES_USER: warehouse.readers.user,
      POSTGRES_DB: warehouse.readers.database,
    });
    const { olist } = connections;
    const source = olist?.type === 'postgres' ? olist.host : undefined;
    const hourly = connections['olist_mysql'];
    if (hourly?.type !== 'mysql') throw new Error('The profile has no MySQL.');
    expect(hourly.host).toBe('mysql');
    expect(named('mysql').environment).toMatchObject({
      MARIADB_USER: hourly.user,
      MARIADB_DATABASE: hourly.database,
    });
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining([ledger.host, source, temporal.address.split(':')[0]]),
    );
    expect(temporal.namespace).toBe(named('temporal-namespace').environment['TEMPORAL_NAMESPACE']);
    expect(temporal.ui).toBe('http://127.0.0.1:8080');
    expect(named('ledger').environment).toMatchObject({
      POSTGRES_USER: ledger.user,
      POSTGRES_DB: ledger.database,
    });
  });
});

describe('the profile aws-local', () => {
  it('has all that it asks for, under the names that the stand-ins give', async () => {
    const { environment } = named('aws-worker');
    const inImage: Record<string, string> = { SLUICE_PYTHON: '/opt/python' };
    expect(dockerfile).toContain('SLUICE_PYTHON=/opt/python');
    const secrets: string[] = [];
    const stores = [
      {
        scheme: 'env',
        read: (name: string) =>
          Promise.resolve((environment[name] ?? inImage[name])?.replace(/\$\{\w+:-(\d+)\}/, '$1')),
      },
      {
        scheme: 'aws-secret',
        read: (name: string) => Promise.resolve(secrets.push(name) ? '5432' : undefined),
      },
      { scheme: 'file', read: () => Promise.resolve(undefined) },
    ];
    const profile = await readProfile('aws-local', stores);
    expect(profile.temporal.namespace).toBe(named('aws-namespace').environment['TEMPORAL_NAMESPACE']);
    const account = ['account.ts', 'glue/deploy.ts', 'services/stack.ts']
      .map((file) => read(`aws-local/${file}`))
      .join('\n');
    for (const name of [
      environment['SLUICE_LAKE_BUCKET'],
      environment['SLUICE_REDSHIFT_WORKGROUP'],
      environment['SLUICE_REDSHIFT_COPY_ROLE_ARN'],
      environment['SLUICE_GLUE_EXTRACT_JOB'],
      environment['SLUICE_TASKS_CLUSTER'],
      environment['SLUICE_TASKS_LOG_GROUP'],
      ...new Set(secrets.map((each) => each.split('#')[0])),
    ])
      expect(account).toContain(`'${name ?? ''}'`);
    const { environment: standIns } = named('aws-local');
    const first = Number(standIns['AWS_LOCAL_FIRST_PORT']);
    expect(environment['AWS_ENDPOINT_URL_SNS']).toBe(`http://aws-local:${first}`);
    expect(environment['AWS_ENDPOINT_URL_GLUE']).toBe(`http://aws-local:${first + 1}`);
    expect(environment['AWS_ENDPOINT_URL_REDSHIFT_DATA']).toBe(`http://aws-local:${first + 2}`);
    expect(environment['AWS_ENDPOINT_URL_S3']).toBe(standIns['AWS_LOCAL_S3_ENDPOINT']);
  });
});

describe('Temporal', () => {
  it('gets the search attributes of the code, and the retention', () => {
    const { environment } = named('temporal-namespace');
    const given = Object.fromEntries(
      (environment['SEARCH_ATTRIBUTES'] ?? '').split(/\s+/).map((pair) => pair.split('=')),
    ) as Record<string, string>;
    const wanted = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [
      name,
      `${type.charAt(0)}${type.slice(1).toLowerCase()}`,
    ]);
    expect(given).toEqual(Object.fromEntries(wanted));
    expect(environment['RETENTION']).toBe(RETENTION);
  });

  it('gets the dynamic config of the embedded server', () => {
    const dynamic = z
      .record(z.string(), z.tuple([z.object({ value: z.unknown() })]))
      .parse(parse(read('compose/temporal/dynamic-config.yaml')));
    const given = Object.entries(dynamic).map(([key, [{ value }]]) => `${key}=${JSON.stringify(value)}`);
    expect(given.sort()).toEqual([...DYNAMIC_CONFIG].sort());
    const { environment, volumes: mounts } = named('temporal');
    expect(mounts).toContain(
      `./compose/temporal/dynamic-config.yaml:${environment['DYNAMIC_CONFIG_FILE_PATH'] ?? ''}:ro`,
    );
  });

  it('is one version: the server and the tools that make its schema', () => {
    const version = (name: string) => named(name).image.split(':')[1];
    expect(version('temporal-schema')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });
});

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

describe.skipIf(!hasCompose)('docker compose config (skipped where docker compose is not installed)', () => {
  it('accepts the file', () => {
    const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { allows, statementsOfRole } from '../policy/iam.ts';
import { at, ofType, text } from '../policy/resource.ts';
import { isResolved, resolvedSubject } from '../policy/subjects.ts';
import { terraformVersion } from '../terraform/find.mjs';
import { stacksOf } from '../terraform/harness.ts';
import { readStack, synthesizedFolder, type JsonObject } from '../terraform/synthesized.ts';
import { smallS3, type SmallS3 } from './small-s3.ts';

const backendOf = (stack: string): JsonObject =>
  at(readStack(synthesizedFolder, stack).terraform, 'backend.s3') as JsonObject;
const all = environments.flatMap((env) => stacksOf(env).map((stack) => ({ env, stack })));

describe.each(environments.map((env) => ({ name: env.name, env })))('the state, $name', ({ env }) => {
  it('of every stack is encrypted and locked in the bucket of its account', () => {
    for (const stack of stacksOf(env)) {
      const shared = stack === `${env.project}-account-${env.account}`;
      const kind = stack.slice(`${env.project}-${env.name}-`.length);
      expect(backendOf(stack)).toEqual({
        bucket: env.state.bucket,
        region: env.state.region,
        key: shared
          ? `${env.project}/account-${env.account}.tfstate`
          : `${env.project}/${env.name}/${kind}.tfstate`,
        encrypt: true,
        use_lockfile: true,
      });
    }
  });

  it('is read by other stacks from where it is written', () => {
    const read = stacksOf(env).flatMap((stack) =>
      Object.entries(readStack(synthesizedFolder, stack).data?.terraform_remote_state ?? {}),
    );
    expect(read.length).toBeGreaterThan(20);
    for (const [name, { config }] of read) {
      const written = backendOf(name.slice('cross-stack-reference-input-'.length));
      expect({ ...(config as JsonObject), use_lockfile: true }).toEqual(written);
    }
  });
});

it('no two stacks share a state', () => {
  const keys = all
    .map(({ stack }) => ({ stack, backend: backendOf(stack) }))
    .map(({ stack, backend }) => `${text(backend['bucket'])}/${text(backend['key'])} of ${stack}`);
  const places = new Set([...new Set(keys)].map((each) => each.split(' ')[0]));
  expect(places.size).toBe(new Set(keys).size);
});

describe.skipIf(terraformVersion() === undefined)(
  'Terraform with the backend of a stack, on a small S3',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
    let s3: SmallS3;
    beforeAll(async () => {
      s3 = await smallS3();
    });
    afterAll(() => {
      s3.close();
      rmSync(folder, { recursive: true, force: true });
    });

    function terraform(...args: readonly string[]): Promise<{ ok: boolean; output: string }> {
      const settings = {
        CHECKPOINT_DISABLE: '1',
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        AWS_ENDPOINT_URL_STS: s3.endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      return new Promise((resolve) =>
        execFile(
          'terraform',
          [...args, '-no-color'],
          { cwd: folder, env: { ...process.env, ...settings } },
          (error, stdout, stderr) => resolve({ ok: error === null, output: stdout + stderr }),
        ),
      );
    }

    /** The stack's own backend around something that needs no provider. */
    async function start(stack: string): Promise<void> {
      rmSync(join(folder, '.terraform'), { recursive: true, force: true });
      const { backend = {}, required_version = '' } = readStack(synthesizedFolder, stack).terraform;
      const resource = { terraform_data: { something: { input: stack } } };
      writeFileSync(
        join(folder, 'main.tf.json'),
        JSON.stringify({ terraform: { backend, required_version }, resource }),
      );
      // The small server has no name per bucket.
      const { ok, output } = await terraform('init', '-input=false', '-backend-config=use_path_style=true');
      if (!ok) throw new Error(output);
    }

    it.each(all.filter(({ env }) => env === environments[0]))(
      'keeps the state of $stack where its key says, under a lock that is gone afterwards',
      async ({ env, stack }) => {
        await start(stack);
        s3.requests.length = 0;
        expect(await terraform('apply', '-input=false', '-auto-approve')).toMatchObject({ ok: true });
        const state = `${env.state.bucket}/${text(backendOf(stack)['key'])}`;
        const writes = s3.requests.filter(({ method }) => method === 'PUT' || method === 'DELETE');
        expect(writes).toEqual([
          { method: 'PUT', object: `${state}.tflock`, ifNoneMatch: '*', encryption: 'AES256' },
          { method: 'PUT', object: state, ifNoneMatch: undefined, encryption: 'AES256' },
          { method: 'DELETE', object: `${state}.tflock`, ifNoneMatch: undefined, encryption: undefined },
        ]);
        expect(s3.objects.get(state)).toContain('terraform_data');
      },
    );

    it('lets nobody apply while somebody else does, and breaks no lock', async () => {
      const [{ env, stack } = fail()] = all;
      await start(stack);
      const lock = `${env.state.bucket}/${text(backendOf(stack)['key'])}.tflock`;
      const holder = {
        ID: '1',
        Who: 'somebody',
        Operation: 'OperationTypeApply',
        Created: '2030-01-01T00:00:00Z',
      };
      s3.objects.set(lock, JSON.stringify(holder));
      const { ok, output } = await terraform('apply', '-input=false', '-auto-approve');
      expect(ok).toBe(false);
      expect(output).toMatch(/Error acquiring the state lock[^]*somebody/);
      expect(s3.objects.has(lock)).toBe(true);
      s3.objects.delete(lock);
    });

    it.skipIf(!environments.every(isResolved))('asks for nothing that the roles of CI may not do', () => {
      for (const env of environments) {
        const subject = resolvedSubject(env);
        const may = (role: string, action: string, arn: string): boolean => {
          const found = ofType(subject, 'aws_iam_role').find(({ id }) => id === `${role}-${env.name}`);
          if (!found) throw new Error(`no role ${role}`);
          return allows(statementsOfRole(subject, found), action, arn);
        };
        const bucket = `arn:aws:s3:::${env.state.bucket}`;
        for (const stack of stacksOf(env).filter((each) => each.startsWith(`${env.project}-${env.name}-`))) {
          const state = `${bucket}/${text(backendOf(stack)['key'])}`;
          for (const object of [state, `${state}.tflock`]) {
            for (const verb of ['Get', 'Put', 'Delete'])
              expect(`${verb} ${may('deploy', `s3:${verb}Object`, object)}`).toBe(`${verb} true`);
            expect(may('plan', 's3:PutObject', object)).toBe(false);
          }
          expect(may('plan', 's3:GetObject', state)).toBe(true);
        }
        expect(may('deploy', 's3:ListBucket', bucket) && may('plan', 's3:ListBucket', bucket)).toBe(true);
      }
    });
  },
);

function fail(): never {
  throw new Error('there is no stack');
}

import { beforeEach, describe, expect, it } from 'vitest';
import type { Credentials } from '../provision/request.ts';
import { rotate, type Places, type Stage } from './rotation.ts';
import { changeOwnPassword } from './statements.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const before: Credentials = {
  engine: 'postgres',
  host: 'h',
  port: 1,
  dbname: 'd',
  username: 'sluice_reader',
  password: 'Sl1old',
};

/** A secret with stages as Secrets Manager keeps them, a database with one user, and what was restarted. */
class World implements Places {
  values = new Map<string, Credentials>([['v1', before]]);
  stages = new Map<string, string[]>([
    ['v1', ['AWSCURRENT']],
    ['v2', ['AWSPENDING']],
  ]);
  password = before.password;
  restarted: string[] = [];
  readonly vault = {
    describe: () =>
      Promise.resolve({ name: 'sluice/dev/olist-reader', versions: Object.fromEntries(this.stages) }),
    read: (_: string, stage: Stage) => {
      const [version = ''] = [...this.stages].find(([, stages]) => stages.includes(stage)) ?? [];
      return Promise.resolve(this.values.get(version));
    },
    add: (_: string, token: string, value: Credentials) =>
      Promise.resolve(void this.values.set(token, value)),
    promote: (_: string, token: string, instead: string | undefined) => {
      if (instead !== undefined) this.stages.set(instead, ['AWSPREVIOUS']);
      this.stages.set(token, ['AWSCURRENT', 'AWSPENDING']);
      return Promise.resolve();
    },
  };
  readonly databases = {
    accepts: ({ password }: Credentials) => Promise.resolve(password === this.password),
    change: ({ password: old }: Credentials, password: string) => {
      if (old !== this.password) return Promise.reject(new Error('refused'));
      this.password = password;
      return Promise.resolve();
    },
  };
  restart = (name: string) => Promise.resolve(void this.restarted.push(name));
}

describe('a rotation', () => {
  let world: World;
  beforeEach(() => (world = new World()));
  const step = (Step: string) => rotate({ Step, SecretId: 'arn', ClientRequestToken: 'v2' }, world);

  it('gives the user another password, which the secret then holds, and restarts who read it', async () => {
    for (const each of steps) await step(each);
    const now = await world.vault.read('arn', 'AWSCURRENT');
    expect(now).toEqual({ ...before, password: world.password });
    expect(world.password).not.toBe(before.password);
    expect(world.restarted).toEqual(['sluice/dev/olist-reader']);
  });

  it.each(steps)('comes to the same when step %s is called twice', async (twice) => {
    for (const each of steps) {
      await step(each);
      if (each !== twice) continue;
      const after = world.password;
      await step(each);
      expect(world.password).toBe(after);
    }
    expect((await world.vault.read('arn', 'AWSCURRENT'))?.password).toBe(world.password);
  });

  it('leaves the current password alone until the new one lets its user in', async () => {
    await step('createSecret');
    await expect(step('testSecret')).rejects.toThrow(/h does not let sluice_reader in/);
    expect((await world.vault.read('arn', 'AWSCURRENT'))?.password).toBe('Sl1old');
    expect(world.restarted).toEqual([]);
  });

  it('says what to do where the database knows neither password', async () => {
    await step('createSecret');
    world.password = 'changed by hand';
    await expect(step('setSecret')).rejects.toThrow(/neither .* invoke the provision function/);
  });

  it('waits for the first password', async () => {
    world.values.clear();
    await expect(step('createSecret')).rejects.toThrow(/sluice\/dev\/olist-reader has no value yet/);
  });

  it('restarts again where that failed after the secret had changed', async () => {
    for (const each of steps) await step(each);
    await step('finishSecret');
    expect(world.restarted).toHaveLength(2);
  });

  it('is tried with the current password where its schedule is set', async () => {
    await step('testSecret');
    expect(world.password).toBe('Sl1old');
  });
});

describe('the statement of a rotation', () => {
  it.each([
    ['postgres', `ALTER USER "sluice_reader" PASSWORD 'Sl1new'`],
    ['mysql', `ALTER USER USER() IDENTIFIED BY 'Sl1new'`],
  ] as const)('of %s names nobody but the user itself', (engine, statement) => {
    expect(changeOwnPassword({ ...before, engine }, 'Sl1new')).toBe(statement);
  });

  it('of Redshift has no password in it', () => {
    const statement = changeOwnPassword({ ...before, engine: 'redshift' }, 'Sl1new');
    expect(statement).toMatch(/^ALTER USER "sluice_reader" PASSWORD 'md5[0-9a-f]{32}'$/);
  });

  it('is refused for a name or a password that would end it early', () => {
    expect(() => changeOwnPassword({ ...before, username: 'x"; --' }, 'Sl1new')).toThrow(/identifier/);
    expect(() => changeOwnPassword(before, "a' b")).toThrow(/letters and digits/);
  });
});

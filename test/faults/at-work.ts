import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSubmit } from '../../connectors/jobs/spark-local/submit-harness.ts';
import type { RunHandle } from '../../operations/start-run.ts';
import type { Profile } from '../../profiles/profile.ts';
import { day, type Lab } from './lab.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
const HOME = join(tmpdir(), `sluice-at-work-${process.pid}`);
const FUNCTION = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
const home = ${JSON.stringify(HOME)};
export default async ({ attempt }, signal) => {
  appendFileSync(home + '/called', attempt + '\\n');
  while (!existsSync(home + '/go')) await pause(50, undefined, { signal }).catch(() => { appendFileSync(home + '/told', 'x\\n'); signal.throwIfAborted(); });
  appendFileSync(home + '/ended', '\\n');
  return { attempt };
};
`;
/** Deaf to all but SIGKILL. */
const JOB = `
import os, signal, time
for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.SIG_IGN)
home = ${JSON.stringify(HOME)}
with open(home + '/sparked', 'a') as begun: begun.write(str(os.getpid()) + '\\n')
while not os.path.exists(home + '/go'): time.sleep(0.1)
with open(home + '/ended', 'a') as ended: ended.write('\\n')
`;

/** A project with what `shop_at_work` does, and an address that answers as its test says. To be opened before a worker starts. */
export class AtWorkProject {
  answer = 503;
  readonly #server = createServer((_, response) => response.writeHead(this.answer).end());

  async open(): Promise<void> {
    mkdirSync(join(HOME, 'tasks'), { recursive: true });
    mkdirSync(join(HOME, 'spark', 'jobs'), { recursive: true });
    writeFileSync(join(HOME, 'tasks', 'meet.ts'), FUNCTION);
    writeFileSync(join(HOME, 'spark', 'jobs', 'meet.py'), JOB);
    writeSubmit(HOME);
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    process.env['SLUICE_LAB_ADDRESS'] = `http://127.0.0.1:${port}/`;
    process.env['SLUICE_PROJECT'] = HOME;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    delete process.env['SLUICE_PROJECT'];
    delete process.env['SLUICE_LAB_ADDRESS'];
    rmSync(HOME, { recursive: true, force: true });
  }
}

export function forAtWork(profile: Profile): Profile {
  const spark = { type: 'local', python: HOME, memory: '1g', conf: {} } as const;
  return { ...profile, jobs: { ...profile.jobs, spark } };
}

/** A run of `shop_at_work`. */
export class AtWork {
  readonly run: RunHandle;
  readonly #lab: Lab;
  readonly #project: AtWorkProject;

  private constructor(lab: Lab, project: AtWorkProject, run: RunHandle) {
    this.#lab = lab;
    this.#project = project;
    this.run = run;
  }

  static async start(lab: Lab, project: AtWorkProject): Promise<AtWork> {
    project.answer = 503;
    for (const name of ['scripted', 'called', 'told', 'sparked', 'ended', 'go'])
      rmSync(join(HOME, name), { force: true });
    return new AtWork(lab, project, await lab.run({ pipeline: 'shop_at_work', interval: DAY }));
  }

  /** Attempts that were begun, of each kind; of what is a process its id, and how often a function was told to stop. */
  get begun(): Readonly<Record<'scripted' | 'called' | 'sparked' | 'told', readonly string[]>> {
    return {
      scripted: lines('scripted'),
      called: lines('called'),
      sparked: lines('sparked'),
      told: lines('told'),
    };
  }

  get processes(): readonly string[] {
    return [...this.begun.scripted, ...this.begun.sparked];
  }

  async untilBegun(attempts: number): Promise<void> {
    await eventually(
      `attempt ${attempts} of every kind`,
      () => {
        const { scripted, called, sparked } = this.begun;
        return [scripted, called, sparked].every(({ length }) => length >= attempts);
      },
      90_000,
    );
  }

  /** Until every wait has looked in vain. */
  async untilLooked(): Promise<void> {
    await eventually(
      'a look in vain of each',
      async () => {
        const { raw } = await this.run.describe();
        const looks =
          raw.pendingActivities?.filter(({ activityType }) => activityType?.name === 'lookFor') ?? [];
        return looks.length === 3 && looks.every(({ attempt }) => (attempt ?? 0) > 1);
      },
      60_000,
    );
  }

  /** What all of its work waits for. @returns when that has ended, whoever hears of it */
  async letGo(): Promise<void> {
    writeFileSync(join(HOME, 'go'), '');
    await eventually('the end of all work', () => lines('ended').length >= 3, 60_000);
  }

  /** What its waits look for. */
  async arrive(): Promise<void> {
    await this.#lab.source.query('INSERT INTO shop.prices VALUES (777, 1.5)');
    await (await this.#lab.run({ pipeline: 'shop_patient', interval: DAY })).result();
    this.#project.answer = 203;
  }
}

function lines(name: string): string[] {
  const file = join(HOME, name);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

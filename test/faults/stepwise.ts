import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunHandle } from '../../operations/start-run.ts';
import { noteOf } from '../../operations/step-notes.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Answer, Decision } from '../../workflows/approvals.ts';
import { day, type Lab } from './lab.ts';
import { eventually } from './wait.ts';

const folderOf = ({ lake }: Pick<Profile, 'lake'>) =>
  join(dirname(lake.type === 'folder' ? lake.path : '/'), 'stepwise');

/** What the workers of a lab need for `shop_stepwise`: a pool of one place, and where its elements meet the test. */
export function forStepwise(profile: Profile): Profile {
  return { ...profile, pools: { few: 1 }, tasks: { each_one: { env: { DIR: folderOf(profile) } } } };
}

/** A run of `shop_stepwise` whose steps all wait: for a person, a file, a place in a pool, and the test. */
export class Stepwise {
  readonly run: RunHandle;
  readonly #lab: Lab;
  readonly #folder: string;

  private constructor(lab: Lab, run: RunHandle, folder: string) {
    this.#lab = lab;
    this.run = run;
    this.#folder = folder;
  }

  static async start(lab: Lab): Promise<Stepwise> {
    const folder = folderOf(lab.profile);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const run = await lab.run({ pipeline: 'shop_stepwise', interval: day('2024-03-02') });
    return new Stepwise(lab, run, folder);
  }

  /** Process ids of the elements that were begun, and how many of them came to their end. */
  get elements(): { readonly begun: readonly string[]; readonly ended: number } {
    return { begun: this.#lines('begun'), ended: this.#lines('ended').length };
  }

  async untilAllWait(): Promise<void> {
    const { ledger } = this.#lab.session;
    await eventually('every step to wait', async () => {
      const steps = await ledger.steps([this.run.firstExecutionRunId]);
      const notes = steps.filter(({ outcome }) => outcome === 'running').map(noteOf);
      const waits = (what: string) => notes.some((note) => note.startsWith(`waits for ${what}`));
      const line = await ledger.places();
      return waits('approval') && waits('file') && line.length === 2 && this.elements.begun.length > 0;
    });
  }

  async approve(): Promise<void> {
    const answer = { step: 'release', by: 'anna', reason: 'all is well' };
    await this.run.executeUpdate<Decision, [Answer]>('approve', { args: [answer] });
  }

  /** Puts the file that is waited for, old enough to count. */
  arrive(): void {
    const file = join(this.#lab.lakeFolder, 'incoming', '2024-03-02', 'prices.csv');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    const before = new Date(Date.now() - 60_000);
    utimesSync(file, before, before);
  }

  letElementsEnd(): void {
    writeFileSync(join(this.#folder, 'go'), '');
  }

  #lines(name: string): string[] {
    const file = join(this.#folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}

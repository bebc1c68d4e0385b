import { createHash } from 'node:crypto';
import { Mutex } from 'async-mutex';
import { z } from 'zod';
import { KEPT, outdated, type Kept } from '../../../core/dashboards/kept.ts';
import { substanceOf, type Publication } from '../../../core/dashboards/publication.ts';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { isBelow, type Place } from '../place.ts';
import type { Pages, Published, Publishing } from '../port.ts';
import { assets } from './assets.ts';
import { FrontPage, type FrontLine } from './front.tsx';
import { tooHeavy } from './weight.ts';
import { DashboardPage, type Place as PagePlace } from './page.tsx';

/** How often others may publish while an address is made. */
const MOST_TURNS = 50;

const published = z.array(z.object({ upTo: z.string(), path: z.string() }));
const front = z.record(
  z.string(),
  z.object({ title: z.string(), description: z.string(), pipeline: z.string(), upTo: z.string() }),
);

/** Pages as files: a folder for each publication, which stays as it is, and beside them what says which is shown. */
export class Site implements Pages {
  readonly #place: Place;
  /** Saves turns of the place among runs of this process; other processes are kept apart by the place. */
  readonly #turn = new Mutex();

  readonly #kept: Kept;

  constructor(place: Place, kept: Kept = KEPT) {
    this.#place = place;
    this.#kept = kept;
  }

  async publish(publication: Publication): Promise<Publishing> {
    const { dashboard, upTo } = publication;
    const made = await assets();
    const id = createHash('sha256')
      .update([substanceOf(publication), made.style.name, made.script.name].join('\n'))
      .digest('hex')
      .slice(0, 16);
    const path = `${upTo.replaceAll(':', '')}/${id}`;
    const done = await this.#turn.runExclusive(async () => {
      const before = await this.#all(dashboard.name);
      const isNew = newestOfEach(before).every((each) => each.path !== path);
      if (before.every((each) => each.path !== path)) await this.#write(publication, path, made);
      // From here on it is there: readers go by this list.
      if (isNew)
        await this.#change(`${dashboard.name}/publications.json`, published, [], (all) => [
          ...all.filter((each) => each.path !== path),
          { upTo, path },
        ]);
      await this.#show(dashboard.name);
      return { upTo, path: `${dashboard.name}/${path}`, isNew };
    });
    return { ...done, tooHeavy: tooHeavy(publication) };
  }

  /** What is there already stays: somebody may look at it. */
  async #write(
    publication: Publication,
    path: string,
    made: Awaited<ReturnType<typeof assets>>,
  ): Promise<void> {
    for (const { name, text } of [made.style, made.script]) await this.#put(name, text);
    const folder = `${publication.dashboard.name}/${path}`;
    const kept = await this.#place.change(
      `${folder}/publication.json`,
      (there) => there ?? JSON.stringify(publication),
    );
    const page = await this.pageOf(JSON.parse(kept) as Publication);
    await this.#place.change(`${folder}/index.html`, (there) => there ?? page);
  }

  async list(dashboard: string): Promise<Published[]> {
    return newestOfEach(await this.#all(dashboard));
  }

  async collect(dashboard: string, { dryRun }: { readonly dryRun: boolean }): Promise<readonly Published[]> {
    return this.#turn.runExclusive(async () => {
      const gone = outdated(await this.#all(dashboard), this.#kept);
      const file = `${dashboard}/going.json`;
      if (dryRun || !(gone.length || (await this.#place.read(file)))) return gone;
      // Put down before they leave the list: who is killed in between leaves nothing that nobody knows of.
      const going = await this.#change(file, published, [], (before) => [
        ...before,
        ...gone.filter(({ path }) => before.every((each) => each.path !== path)),
      ]);
      const paths = new Set(gone.map(({ path }) => path));
      await this.#change(`${dashboard}/publications.json`, published, [], (all) =>
        all.filter(({ path }) => !paths.has(path)),
      );
      await this.#show(dashboard);
      const listed = new Set((await this.#all(dashboard)).map(({ path }) => path));
      for (const { path } of going.filter((each) => !listed.has(each.path)))
        for (const name of ['index.html', 'publication.json'])
          await this.#place.remove(`${dashboard}/${path}/${name}`);
      await this.#place.remove(file);
      return gone;
    });
  }

  async read(dashboard: string, path: string): Promise<Publication> {
    const bytes = await this.file(`${dashboard}/${path}/publication.json`);
    if (!bytes)
      throw new TerminalError(
        `${this.#place.name} has no publication ${dashboard}/${path}. 'sluice dashboards list' shows what there is.`,
      );
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Publication;
  }

  async file(path: string): Promise<Uint8Array | undefined> {
    return isBelow(path) ? this.#place.read(path) : undefined;
  }

  async pageOf(publication: Publication): Promise<string> {
    return this.#page(publication, '../../../');
  }

  async inOneFile(publication: Publication): Promise<string> {
    const { style, script } = await assets();
    return document(publication, { root: null, style: { text: style.text }, script: { text: script.text } });
  }

  async #page(publication: Publication, root: string): Promise<string> {
    const { style, script } = await assets();
    return document(publication, {
      root,
      style: { href: root + style.name },
      script: { src: root + script.name },
    });
  }

  /** Has the dashboard's own address show what reaches furthest, and the front page name it; again, where others published meanwhile. */
  async #show(name: string): Promise<void> {
    for (let turn = 1; turn <= MOST_TURNS; turn += 1) {
      const list = newestOfEach(await this.#all(name));
      const [newest] = list;
      if (!newest) return;
      const publication = await this.read(name, newest.path);
      const { title, description, pipeline } = publication.dashboard;
      await this.#put(`${name}/publications.js`, `window.sluicePublications=${JSON.stringify(list)}`);
      await this.#put(`${name}/index.html`, await this.#page(publication, '../'));
      const lines = await this.#change('dashboards.json', front, {}, (known) =>
        sorted({ ...known, [name]: { title, description, pipeline, upTo: newest.upTo } }),
      );
      const { style } = await assets();
      await this.#put(style.name, style.text);
      const all = Object.entries(lines).map(([address, line]): FrontLine => ({ name: address, ...line }));
      await this.#put('index.html', whole(<FrontPage lines={all} style={style.name} />));
      const [then, thenLines] = [
        newestOfEach(await this.#all(name)),
        await this.#json('dashboards.json', {}),
      ];
      if (isSame(then, list) && isSame(thenLines, lines)) return;
    }
    throw new TransientError(
      `${this.#place.name}${name} was published by others ${MOST_TURNS} times while it was. What is published is there; its address is made again with the next attempt.`,
    );
  }

  /** Writes what is not there already. */
  async #put(path: string, text: string): Promise<void> {
    const there = await this.#place.read(path);
    if (!there || Buffer.from(there).toString('utf8') !== text) await this.#place.write(path, text);
  }

  /** In the order in which they were published. */
  async #all(dashboard: string): Promise<Published[]> {
    if (!isBelow(dashboard)) return [];
    return published.parse(await this.#json(`${dashboard}/publications.json`, []));
  }

  /** @returns what it has become */
  async #change<T>(path: string, shape: z.ZodType<T>, absent: T, by: (before: T) => T): Promise<T> {
    const of = (text: string) => shape.parse(JSON.parse(text));
    return of(
      await this.#place.change(path, (before) =>
        JSON.stringify(by(before === undefined ? absent : of(before))),
      ),
    );
  }

  async #json(path: string, absent: unknown): Promise<unknown> {
    const bytes = await this.#place.read(path);
    return bytes ? JSON.parse(Buffer.from(bytes).toString('utf8')) : absent;
  }
}

/** What was published last of each moment, the latest moment first. */
function newestOfEach(all: readonly Published[]): Published[] {
  const byMoment = new Map(all.map((each) => [each.upTo, each]));
  return [...byMoment.values()].sort((a, b) => (a.upTo < b.upTo ? 1 : -1));
}

function sorted<T>(lines: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(lines).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function document(publication: Publication, place: PagePlace): string {
  return whole(<DashboardPage publication={publication} place={place} />);
}

function whole(page: unknown): string {
  return `<!doctype html>${String(page)}`;
}

import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toDataset } from '../../../core/dashboards/dataset.ts';
import type { Publication } from '../../../core/dashboards/publication.ts';
import { resolveDashboard } from '../../../core/dashboards/resolve.ts';
import { FolderPlace } from '../folder.ts';
import type { Place } from '../place.ts';
import { valuesOf } from './filters.tsx';
import { Site } from './site.tsx';
import { temporaryFolder } from '../../../test/setup/folder.ts';

const dashboard = resolveDashboard({
  name: 'shop-sales',
  title: 'Sales <b>&amp;</b> עברית 🛒',
  description: 'What </script><script>alert(1)</script> is sold',
  pipeline: 'shop',
  data: { sales: { mart: 'sales', dimensions: { state: {} }, measures: { orders: { count: true } } } },
  filters: ['state'],
  panels: [{ kind: 'ranking', title: 'By state', data: 'sales', by: 'state', measure: 'orders' }],
});
function publication(day: string, orders: number, run = `shop-${day}`): Publication {
  const upTo = `${day}T00:00:00Z`;
  return {
    dashboard,
    upTo,
    data: {
      sales: {
        numbers: {
          rows: 1,
          dimensions: { state: { values: ['</script><img src=x>'], codes: [0] } },
          sums: { orders: { scale: 0, values: [orders] } },
        },
        receipt: {
          interval: { start: upTo, end: upTo },
          run,
          upTo,
          loads: [],
          checks: [],
          sql: 'select 1',
          hash: String(orders),
        },
      },
    },
    selects: {},
  };
}
/** Of a dashboard of its own. */
function named(name: string, day: string): Publication {
  const made = publication(day, 5);
  return { ...made, dashboard: { ...made.dashboard, name } };
}
const DAYS = ['2024-03-01', '2024-03-02', '2024-03-03', '2024-03-04'];
const DASHBOARDS = ['a', 'b', 'c'];
/** Publishes every day of every dashboard at the same time, each as a process of its own would. */
async function publishAtOnce(place: () => Place): Promise<void> {
  await Promise.all(
    DASHBOARDS.flatMap((name) => DAYS.map((day) => new Site(place()).publish(named(name, day)))),
  );
  const text = async (path: string) => Buffer.from((await place().read(path)) ?? '').toString('utf8');
  for (const name of DASHBOARDS) {
    const listed = await new Site(place()).list(name);
    expect(listed.map(({ upTo }) => upTo.slice(0, 10))).toEqual(DAYS.toReversed());
    expect(await text(`${name}/index.html`)).toContain('2024-03-04 00:00Z');
    expect(await text('index.html')).toContain(`href="${name}/index.html"`);
  }
}
const folder = () => temporaryFolder('site');
/** Every file with its bytes. */
const everything = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => {
        const file = join(each.parentPath, each.name);
        return [file.slice(path.length), readFileSync(file, 'utf8')];
      }),
  );

describe('what several processes publish at the same time is all there', { timeout: 60_000 }, () => {
  it('in a folder, also where one of them died', async () => {
    const path = folder();
    const lock = join(path, 'dashboards.json.lock');
    writeFileSync(lock, '');
    utimesSync(lock, 0, 0);
    await publishAtOnce(() => new FolderPlace(path));
    expect(Object.keys(everything(path)).filter((file) => file.includes('.lock'))).toEqual([]);
  });
});

describe('what is published', () => {
  it('changes no byte when the same numbers are published again, by whichever run', async () => {
    const path = folder();
    const site = new Site(new FolderPlace(path));
    expect(await site.publish(publication('2024-03-02', 5))).toMatchObject({ isNew: true });
    const before = everything(path);
    expect(await site.publish(publication('2024-03-02', 5, 'shop-later'))).toMatchObject({ isNew: false });
    expect(await new Site(new FolderPlace(path)).publish(publication('2024-03-02', 5))).toMatchObject({
      isNew: false,
    });
    expect(everything(path)).toEqual(before);
  });

  it('stays as it was for every moment, and what reaches furthest is shown', async () => {
    const path = folder();
    const site = new Site(new FolderPlace(path));
    const first = await site.publish(publication('2024-03-02', 5));
    const page = everything(path)[`/${first.path}/index.html`];
    await site.publish(publication('2024-03-03', 8));
    await site.publish(publication('2024-03-01', 1));
    expect(everything(path)[`/${first.path}/index.html`]).toBe(page);
    expect((await site.list('shop-sales')).map(({ upTo }) => upTo.slice(0, 10))).toEqual([
      '2024-03-03',
      '2024-03-02',
      '2024-03-01',
    ]);
    expect(everything(path)['/shop-sales/index.html']).toContain('>8<');
    // Other numbers of a moment take the place of those of before, which stay.
    await site.publish(publication('2024-03-03', 9));
    expect(everything(path)['/shop-sales/index.html']).toContain('>9<');
    expect(await site.list('shop-sales')).toHaveLength(3);
    await site.publish(publication('2024-03-03', 8));
    expect(everything(path)['/shop-sales/index.html']).toContain('>8<');
  });

  it('stays as it was when the same numbers come back after others, and is shown again', async () => {
    const path = folder();
    const site = new Site(new FolderPlace(path));
    const first = await site.publish(publication('2024-03-02', 5, 'first'));
    const kept = Object.entries(everything(path)).filter(([file]) => file.startsWith(`/${first.path}/`));
    expect(kept).toHaveLength(2);
    const second = await site.publish(publication('2024-03-02', 9, 'second'));
    expect(await site.publish(publication('2024-03-02', 5, 'third'))).toEqual({ ...first, isNew: true });
    const after = everything(path);
    for (const [file, text] of kept) expect(after[file]).toBe(text);
    expect(after['/shop-sales/index.html']).toContain('>5<');
    const listed = JSON.parse(after['/shop-sales/publications.json'] ?? '') as { path: string }[];
    expect(listed.map((each) => `shop-sales/${each.path}`)).toEqual([second.path, first.path]);
  });

  it('has what was written of it by one that was killed, and what that lacks', async () => {
    const path = folder();
    const site = new Site(new FolderPlace(path));
    const first = await site.publish(publication('2024-03-02', 5, 'first'));
    const before = everything(path);
    for (const file of [`${first.path}/index.html`, 'shop-sales/publications.json']) rmSync(join(path, file));
    await site.publish(publication('2024-03-02', 5, 'later'));
    expect(everything(path)).toEqual(before);
  });

  it('is whole as it was before, wherever a build is killed', async () => {
    for (let writes = 0; ; writes += 1) {
      const path = folder();
      const real = new FolderPlace(path);
      await new Site(real).publish(publication('2024-03-02', 5));
      const before = everything(path);
      let left = writes;
      const orKilled = <T>(write: () => Promise<T>) =>
        (left -= 1) < 0 ? Promise.reject(new Error('killed')) : write();
      const dying: Place = {
        name: real.name,
        read: (file) => real.read(file),
        write: (file, text) => orKilled(() => real.write(file, text)),
        change: (file, by) => orKilled(() => real.change(file, by)),
        remove: (file) => orKilled(() => real.remove(file)),
      };
      const ended = await new Site(dying).publish(publication('2024-03-03', 8)).then(
        () => 'done',
        () => 'killed',
      );
      const after = everything(path);
      const shown = after['/shop-sales/index.html'] ?? '';
      expect(shown).toContain(ended === 'done' ? '>8<' : shown.includes('>8<') ? '>8<' : '>5<');
      for (const [file, text] of Object.entries(before))
        if (/Z\/|assets/.test(file)) expect(after[file]).toBe(text);
      await new Site(real).publish(publication('2024-03-03', 8));
      expect(everything(path)['/shop-sales/index.html']).toContain('>8<');
      if (ended === 'done') break;
    }
  });

  it('says what texts say, and does nothing that they would have it do', async () => {
    const site = new Site(new FolderPlace(folder()));
    const page = await site.pageOf(publication('2024-03-02', 5));
    expect(page).not.toContain('<img src=x>');
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page).toContain('עברית 🛒');
  });

  it('leads nowhere else', async () => {
    const site = new Site(new FolderPlace(folder()));
    for (const path of [
      '../secret',
      'a/../../secret',
      '/etc/passwd',
      'a//b',
      '',
      '.hidden',
      'a/.hidden',
      'a\0b',
    ])
      expect(await site.file(path)).toBeUndefined();
  });
});

describe('publications that are kept no longer', () => {
  const kept = { every: '1 day', daily: '3 days' } as const;
  const HOURS = ['2024-03-01T05', '2024-03-03T05', '2024-03-03T06', '2024-03-05T05', '2024-03-05T06'];
  const at = (hour: string, orders = 5): Publication => ({
    ...publication('2024-03-01', orders),
    upTo: `${hour}:00:00Z`,
  });
  const published = async (place: Place) => {
    const site = new Site(place, kept);
    for (const hour of HOURS) await site.publish(at(hour));
    return site;
  };
  const hoursOf = async (site: Site) => (await site.list('shop-sales')).map(({ upTo }) => upTo.slice(0, 13));

  it('leave the list and the disk; what is listed opens, and the newest is shown', async () => {
    const path = folder();
    const site = await published(new FolderPlace(path));
    const before = everything(path);
    expect((await site.collect('shop-sales', { dryRun: true })).map(({ upTo }) => upTo.slice(0, 13))).toEqual(
      ['2024-03-01T05', '2024-03-03T05'],
    );
    expect(everything(path)).toEqual(before);
    await site.collect('shop-sales', { dryRun: false });
    expect(await hoursOf(site)).toEqual(['2024-03-05T06', '2024-03-05T05', '2024-03-03T06']);
    for (const { path: each } of await site.list('shop-sales'))
      expect((await site.read('shop-sales', each)).dashboard.name).toBe('shop-sales');
    const left = Object.keys(everything(path)).join();
    expect(left).not.toMatch(/2024-03-01T05|2024-03-03T05|going/);
    expect(everything(path)['/shop-sales/publications.js']).not.toContain('2024-03-03T05');
    expect(everything(path)['/shop-sales/index.html']).toBe(before['/shop-sales/index.html']);
    expect(await site.collect('shop-sales', { dryRun: false })).toEqual([]);
    expect(await site.collect('never-published', { dryRun: false })).toEqual([]);
  });

  it('go whole with the next collection where one was killed, wherever', async () => {
    for (let after = 0; after < 12; after += 1) {
      const path = folder();
      await published(new FolderPlace(path));
      let left = after;
      const dies = new (class extends FolderPlace {
        override write(...args: Parameters<Place['write']>) {
          return (left -= 1) < 0 ? Promise.reject(new Error('killed')) : super.write(...args);
        }
        override remove(...args: Parameters<Place['remove']>) {
          return (left -= 1) < 0 ? Promise.reject(new Error('killed')) : super.remove(...args);
        }
      })(path);
      await new Site(dies, kept).collect('shop-sales', { dryRun: false }).catch(() => undefined);
      const site = new Site(new FolderPlace(path), kept);
      for (const { path: each } of await site.list('shop-sales')) await site.read('shop-sales', each);
      await site.collect('shop-sales', { dryRun: false });
      expect(await hoursOf(site)).toEqual(['2024-03-05T06', '2024-03-05T05', '2024-03-03T06']);
      expect(Object.keys(everything(path)).join()).not.toMatch(/2024-03-01T05|2024-03-03T05|going/);
      rmSync(path, { recursive: true });
    }
  });
});

describe('a table', () => {
  it('that is sorted by a dimension goes by the order that its definition gives, numbers by size elsewhere', async () => {
    const site = new Site(new FolderPlace(folder()));
    const sortedBy = async (dimension: string, values: readonly string[], order: readonly string[]) => {
      const definition = {
        mart: 'sales',
        dimensions: { [dimension]: { order } },
        measures: { orders: { count: true } },
      } as const;
      const page = resolveDashboard({
        ...dashboard,
        data: { sales: definition },
        filters: [],
        panels: [
          {
            kind: 'table',
            title: 'Sizes',
            data: 'sales',
            by: [dimension],
            measures: ['orders'],
            sort: { by: dimension },
          },
        ],
      });
      const rows = values.map((value) => ({ [dimension]: value, orders: '1' }));
      const { data, ...rest } = publication('2024-03-01', 1);
      const numbers = toDataset(definition, { columns: [], rows });
      const receipt = data['sales']?.receipt ?? null;
      const html = await site.pageOf({ ...rest, dashboard: page, data: { sales: { numbers, receipt } } });
      return [...html.matchAll(/<td><bdi>([^<]*)<\/bdi>/g)].map(([, text]) => text);
    };
    expect(await sortedBy('size', ['huge', 'big', 'small'], ['small', 'big'])).toEqual([
      'small',
      'big',
      'huge',
    ]);
    expect(await sortedBy('days', ['10', '9', '1e3'], [])).toEqual(['9', '10', '1e3']);
  });
});

describe('a filter', () => {
  it('has the values of all data in one order, what has none last', () => {
    const definition = {
      mart: 'sales',
      dimensions: { size: { order: ['small'] } },
      measures: { orders: { count: true } },
    } as const;
    const of = (values: readonly (string | null)[]) => ({
      numbers: toDataset(definition, { columns: [], rows: values.map((size) => ({ size, orders: '1' })) }),
      receipt: null,
    });
    const page = { ...dashboard, data: { one: definition, other: definition } };
    const data = { one: of(['big', null, '10']), other: of(['9', 'small', 'big']) };
    expect(valuesOf({ dashboard: page, data }, 'size')).toEqual(['small', '9', '10', 'big', null]);
  });
});

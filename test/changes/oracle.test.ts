import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChangesLab, changing } from './lab.ts';
import { CREATE, Writer } from './writer.ts';

const t = changing();
const columnsOf = async (lab: ChangesLab) =>
  (
    await lab.sql(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1`,
    )
  ).map(({ name }) => String(name));

/** Every column of every row, as text that both databases write alike. */
async function mustBeTheSource(lab: ChangesLab): Promise<void> {
  const names = await columnsOf(lab);
  const text = (cast: (name: string) => string) => names.map((name) => `${cast(name)} AS ${name}`).join(', ');
  const source = await lab.sql(
    `SELECT ${text((name) => (name === 'raw' ? `upper(encode(raw, 'hex'))` : `${name}::text`))} FROM t ORDER BY t.id`,
  );
  const target = await lab.target(
    t,
    text((name) => (name === 'raw' ? 'hex(raw)' : `${name}::VARCHAR`)),
    `AS t ORDER BY t.id`,
  );
  expect(target).toEqual(source);
}

describe('While a source is written to, and its definition changed, runs', { timeout: 300_000 }, () => {
  let lab: ChangesLab;
  beforeEach(async () => void (lab = await ChangesLab.open()));
  afterEach(() => lab.close());

  it.each([
    { seed: 1, kinds: 'definitions' },
    { seed: 2, kinds: 'rows' },
  ] as const)(
    'bring the warehouse to where the source is (%o)',
    async ({ seed, kinds }) => {
      await lab.sql(CREATE);
      const writer = new Writer(await lab.database.session(), seed, kinds);
      const stop = new AbortController();
      const writing = (async () => {
        while (!stop.signal.aborted) {
          await writer.transaction();
          await pause(10); // leaves the machine to the runs, too
        }
      })();
      const notes: string[] = [];
      try {
        for (let run = 0; run < 5; run++) notes.push(...(await lab.run(t)).notes);
      } finally {
        stop.abort();
        await writing;
      }
      notes.push(...(await lab.run(t)).notes);
      await mustBeTheSource(lab);
      // In one window, whatever it holds.
      for (let count = 0; count < 150; count++) await writer.transaction();
      notes.push(...(await lab.run(t)).notes);
      await mustBeTheSource(lab);
      // Where only rows were changed, changes are all that was read.
      if (kinds === 'rows') expect(notes).toEqual([]);
    },
    300_000,
  );

  it.each([11])('tell the state of every moment where all changes are kept (seed %i)', async (seed) => {
    const kept = changing({ write: 'append' });
    await lab.sql(CREATE);
    const writer = new Writer(await lab.database.session(), seed, 'truncations');
    for (let run = 0; run < 4; run++) {
      await lab.run(kept);
      for (let count = 0; count < 60; count++) await writer.transaction();
    }
    await lab.run(kept);
    const rows = await lab.target(
      kept,
      'id, grp, n::VARCHAR AS n',
      `QUALIFY row_number() OVER (PARTITION BY id ORDER BY _commit_lsn DESC, _seq DESC) = 1 AND _op <> 'D' AND
         (_commit_lsn, _seq) > coalesce((SELECT max((_commit_lsn, _seq)) FROM raw_${lab.pipeline}.t WHERE _op = 'T'), ('', -1::BIGINT)) ORDER BY id`,
    );
    expect(rows).toEqual(await lab.sql(`SELECT id, grp, n::text AS n FROM t ORDER BY id`));
  });
});

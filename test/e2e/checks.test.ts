import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebhookNotify } from '../../connectors/notify/webhook.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { TransientError } from '../../core/errors.ts';
import { definePipeline } from '../../core/pipeline.ts';
import { startRun } from '../../operations/start-run.ts';
import { status } from '../../operations/status-lines.ts';
import { warningLines } from '../../cli/commands/runs.ts';
import { day } from '../faults/lab.ts';
import { changeWarehouse } from '../faults/state.ts';
import { aReceiver, startWebhook, type Webhook } from '../faults/webhook.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const common = {
  description: 'Clicks, which come in their hundreds',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
} as const;
const clicks = {
  domain: 'web',
  from: 'shop.clicks',
  extract: { mode: 'interval', cursor: 'clicked_at' },
  write: 'append',
} as const;
const volume = { within: '30%', of: '2 days' } as const;
const lenient = definePipeline({
  ...common,
  name: 'lenient',
  tables: {
    clicks: { ...clicks, checks: { volume: { ...volume, severity: 'warn' }, landed: { severity: 'warn' } } },
  },
});
const strict = definePipeline({
  ...common,
  name: 'strict',
  tables: { clicks: { ...clicks, checks: { volume } } },
});

let lab: TaskLab;
let webhook: Webhook;
/** Once: when a load is in, and nobody knows it yet. */
let diesAfterLoad = false;
/** Once: what somebody else does to the warehouse before the run looks whether its rows are there. */
let meanwhile = '';

beforeAll(async () => {
  webhook = await startWebhook();
  lab = await openTaskLab([lenient, strict], undefined, ({ warehouse }) => ({
    notify: [aReceiver(new WebhookNotify({ url: webhook.url }))],
    warehouse: new Proxy(warehouse, {
      get: (_, name: keyof Warehouse) => {
        if (name === 'landed')
          return async (...args: Parameters<Warehouse['landed']>) => {
            const statement = meanwhile;
            meanwhile = '';
            if (statement) await changeWarehouse(lab.lab, statement);
            return warehouse.landed(...args);
          };
        if (name !== 'load') {
          const part: unknown = Reflect.get(warehouse, name);
          return typeof part === 'function' ? (part as () => unknown).bind(warehouse) : part;
        }
        return async (...args: Parameters<Warehouse['load']>) => {
          const loaded = await warehouse.load(...args);
          if (!diesAfterLoad) return loaded;
          diesAfterLoad = false;
          throw new TransientError('The worker died.');
        };
      },
    }),
  }));
});
afterAll(async () => {
  await lab.close();
  await webhook.close();
});
beforeEach(async () => {
  await lab.forget();
  webhook.clear();
});

const run = async (pipeline: string, date: string) => {
  const handle = await startRun(lab.session, lab.registry, { pipeline, interval: day(date) });
  const error = await handle.result().then(
    () => undefined,
    (failure: unknown) => (failure as { cause?: Error }).cause?.message,
  );
  return {
    error,
    runId: handle.firstExecutionRunId,
    steps: await lab.session.ledger.steps([handle.firstExecutionRunId]),
  };
};
/** Two days as they are, then one of which the source has lost most rows. */
const untilTheDayOfTheLoss = async (pipeline: string) => {
  for (const date of ['2024-03-01', '2024-03-02'])
    expect(await run(pipeline, date)).toMatchObject({ error: undefined });
  expect(webhook.notices).toEqual([]);
  await lab.lab.source.query(
    `DELETE FROM shop.clicks WHERE clicked_at >= '2024-03-03Z' AND clicked_at < '2024-03-03T20:00Z'`,
  );
  return run(pipeline, '2024-03-03');
};
const rowsOf = async (pipeline: string, date: string) => {
  const { rows } = await lab.connectors.warehouse.query(
    `SELECT count(*)::int AS n FROM raw_${pipeline}.clicks WHERE clicked_at::date = DATE '${date}'`,
  );
  return rows[0]?.['n'];
};

describe('a check of a load', () => {
  it('that warns lets the run go on, and is told in the ledger, the status, the list of steps and to people', async () => {
    const { error, runId, steps } = await untilTheDayOfTheLoss('lenient');
    expect(error).toBeUndefined();
    const what = expect.stringMatching(
      /^clicks: volume: the load has \d+ rows, those of the 2 days before make 100 expected, within 30%/,
    ) as unknown;
    expect(steps.find(({ step }) => step === 'load')?.result).toMatchObject({ warnings: [what] });
    expect(warningLines(steps)).toEqual([expect.stringMatching(/^! load: clicks: volume: the load has /)]);
    const attempts = await lab.session.ledger.attempts(runId);
    expect(attempts.find(({ step }) => step === 'load')?.log.join()).toContain(
      'clicks: volume: the load has',
    );
    const [line] = await status(lab.session.ledger, 'lenient', undefined, 1, '2024-03-04T06:00:00Z');
    expect(line).toMatchObject({ found: [what] });
    expect(webhook.notices).toMatchObject([
      { kind: 'run-warned', pipeline: 'lenient', runId, warnings: [what] },
    ]);
    expect(await rowsOf('lenient', '2024-03-03')).toBeGreaterThan(0);
  });

  it('of severity error refuses the load: not a row of it is in the warehouse, and what comes after it is skipped', async () => {
    const { error, steps } = await untilTheDayOfTheLoss('strict');
    expect(error).toMatch(
      /strict\.clicks: load .* was not brought into the warehouse:[^]*volume \(error\): the load has/,
    );
    expect(steps.find(({ step }) => step === 'load')).toMatchObject({ outcome: 'failed', attempt: 1 });
    expect(steps.find(({ step }) => step === 'check')).toMatchObject({ outcome: 'skipped' });
    expect(await rowsOf('strict', '2024-03-03')).toBe(0);
    expect(webhook.notices).toMatchObject([{ kind: 'run-failed', pipeline: 'strict' }]);
  });

  it('does not compare the first load of a table that was dropped', async () => {
    expect((await untilTheDayOfTheLoss('strict')).error).toBeDefined();
    await changeWarehouse(lab.lab, 'DROP TABLE raw_strict.clicks');
    expect((await run('strict', '2024-03-03')).error).toBeUndefined();
    expect(await rowsOf('strict', '2024-03-03')).toBeGreaterThan(0);
  });

  it('finds the same of a first load whose worker died before it was written down that it is in', async () => {
    expect((await untilTheDayOfTheLoss('strict')).error).toBeDefined();
    await changeWarehouse(lab.lab, 'DROP TABLE raw_strict.clicks');
    diesAfterLoad = true;
    const { error, steps } = await run('strict', '2024-03-03');
    expect(error).toBeUndefined();
    expect(diesAfterLoad).toBe(false);
    expect(steps.find(({ step }) => step === 'load')).toMatchObject({
      attempt: 2,
      result: { alreadyApplied: true, madeTarget: true },
    });
    expect(await rowsOf('strict', '2024-03-03')).toBeGreaterThan(0);
  });

  it('says in the log that it compares nothing while there is too little to compare with', async () => {
    const { runId } = await run('strict', '2024-03-01');
    const attempts = await lab.session.ledger.attempts(runId);
    expect(attempts.find(({ step }) => step === 'load')?.log.join()).toContain(
      'volume: not compared, as it is the first load of its table',
    );
  });
});

describe('rows that somebody deletes between their load and the end of the run', { timeout: 240_000 }, () => {
  const loss = async (pipeline: string) => {
    meanwhile = `DELETE FROM raw_${pipeline}.clicks WHERE clicked_at < '2024-03-01 06:03:00+00'`;
    const ended = await run(pipeline, '2024-03-01');
    expect(meanwhile).toBe('');
    return { ...ended, check: ended.steps.find(({ step }) => step === 'check') };
  };

  it('fail it, which names the table and both numbers, and nothing is published', async () => {
    const { error, check, steps } = await loss('strict');
    expect(error).toBeDefined();
    expect(check?.error).toMatch(
      /Rows are missing in the warehouse after the load of strict:\n {2}- clicks: load \S+ brought 100 rows, 75 are there\nSomebody else changed the tables\. Find out who, then 'sluice rerun strict-\S+ --all'/,
    );
    expect(check).toMatchObject({ outcome: 'failed', attempt: 1 });
    expect(steps.find(({ step }) => step === 'publish')).toMatchObject({ outcome: 'skipped' });
    expect(webhook.notices).toMatchObject([{ kind: 'run-failed', pipeline: 'strict' }]);
    expect((await run('strict', '2024-03-01')).error).toBeUndefined();
    expect(await rowsOf('strict', '2024-03-01')).toBe(100);
  });

  it('are told of where the table asks for no more', async () => {
    const { error, check, runId } = await loss('lenient');
    expect(error).toBeUndefined();
    const what = expect.stringMatching(
      /^clicks: landed: load \S+ brought 100 rows, 75 are there\.$/,
    ) as unknown;
    expect(check).toMatchObject({ outcome: 'succeeded', result: { found: [what], warnings: [what] } });
    const attempts = await lab.session.ledger.attempts(runId);
    expect(attempts.find(({ step }) => step === 'check')?.log.join()).toContain(
      'brought 100 rows, 75 are there',
    );
    expect(webhook.notices).toMatchObject([
      { kind: 'run-warned', pipeline: 'lenient', runId, warnings: [what] },
    ]);
  });
});

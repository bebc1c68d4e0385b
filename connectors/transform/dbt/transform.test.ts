import { spawn, execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, vi } from 'vitest';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { aRequest, aWorkplace, python } from './fixture.ts';
import type { Workplace } from './fixture.ts';
import { smallRaw } from './raw-olist-fixture.ts';
import { DbtTransform } from './transform.ts';
import type { TransformProgress } from '../port.ts';

const never = new AbortController().signal;

describe('DbtTransform', { timeout: 180_000 }, () => {
  it('builds, tells progress and gives a result per node', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    const progress: TransformProgress[] = [];
    const request = aRequest({ onProgress: (step) => progress.push(step) });
    const { nodes, seconds } = await place.transform.build(request, never);
    expect(nodes.find((node) => node.id === 'model.sluice.fct_orders')).toMatchObject({
      kind: 'model',
      status: 'success',
      message: null,
    });
    expect(nodes.filter((node) => node.status !== 'success')).toEqual([]);
    expect(
      await place.sql(
        `select table_schema as schema, count(*)::int as n from information_schema.tables where table_schema not like 'raw%' group by 1 order by 1`,
      ),
    ).toEqual([
      { schema: 'olist', n: 4 },
      { schema: 'olist_intermediate', n: 6 },
      { schema: 'olist_staging', n: 11 },
    ]);
    expect(progress.at(-1)).toMatchObject({ done: nodes.length, total: nodes.length });
    expect(progress.every((step, at) => at === 0 || step.done >= (progress[at - 1]?.done ?? 0))).toBe(true);

    const again = await place.transform.build(request, never);
    expect(again.nodes.map((node) => node.id).sort()).toEqual(nodes.map((node) => node.id).sort());
    expect(seconds).toBeGreaterThan(0);
    // Everything succeeded: a resume has nothing left to run.
    const resumed = await place.transform.build(aRequest({ resume: true }), never);
    expect(resumed).toMatchObject({ seconds: 0 });
    expect(resumed.nodes).toHaveLength(nodes.length);
  });

  it('names the failing test, and a resume runs only what did not succeed', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    await place.sql("update raw_olist.order_reviews set review_score = 9 where order_id = 'o1'");
    const failure = await failureOf(place.transform.build(aRequest(), never));
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure.message).toMatch(/accepted_values_stg_olist__order_reviews_review_score/);
    expect(failure.message).toMatch(/Got 1 result/);
    expect(failure.message).toMatch(/compiled SQL: \S+\.sql/);
    expect(failure.message).toMatch(/rerun/);
    // What the ledger keeps: every node, those that were skipped too.
    const { nodes: kept } = (failure as { detail?: unknown }).detail as {
      nodes: readonly { status: string }[];
    };
    expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['success', 'fail', 'skipped']));

    await place.sql("update raw_olist.order_reviews set review_score = 5 where order_id = 'o1'");
    const ran: TransformProgress[] = [];
    const { nodes } = await place.transform.build(
      aRequest({ resume: true, onProgress: (step) => ran.push(step) }),
      never,
    );
    expect(ran[0]?.total).toBeLessThan(nodes.length - 20);
    expect(ran.map((step) => step.node)).toContain('model.sluice.fct_orders');
    expect(ran.map((step) => step.node)).not.toContain('model.sluice.stg_olist__orders');
    expect(nodes.filter((node) => node.status !== 'success')).toEqual([]);
    expect(await place.sql('select count(*)::int as n from olist.fct_orders')).toEqual([{ n: 600 }]);
  });

  it('names a model that does not compile, and builds everything again once the project was changed', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    const model = join(place.projectDir, 'models/olist/marts/dim_products.sql');
    const good = await readFile(model, 'utf8');
    await writeFile(model, good.replace('products.product_id', 'products.nonsense'));
    const failure = await failureOf(place.transform.build(aRequest(), never));
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure.message).toMatch(/model\.sluice\.dim_products \(error\).*nonsense/);

    await writeFile(model, good);
    const ran: TransformProgress[] = [];
    const { nodes } = await place.transform.build(
      aRequest({ resume: true, onProgress: (step) => ran.push(step) }),
      never,
    );
    expect(ran[0]?.total).toBe(nodes.length);
  });

  it("builds nobody else's models and tests: a stranger's broken ones are not its own", async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    const folder = join(place.projectDir, 'models/stranger/marts');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'mart_strange.sql'),
      `select customer_unique_id, 1 / 0 as broken from {{ ref('mart_customer_segments') }} where nonsense`,
    );
    await writeFile(
      join(folder, '_strange.yml'),
      `version: 2
models:
  - name: mart_strange
    columns:
      - name: customer_unique_id
        data_tests:
          - not_null
          - relationships: { arguments: { to: ref('dim_customers'), field: nonsense } }
`,
    );
    const { nodes, untested } = await place.transform.build(aRequest(), never);
    expect(nodes.filter(({ id }) => id.includes('strange'))).toEqual([]);
    expect(nodes.map(({ id }) => id)).toContain('test.sluice.money_in_marts_equals_raw');
    expect(nodes.filter(({ status }) => status !== 'success')).toEqual([]);
    expect(untested).toEqual([]);
  });

  it('refuses a selection that matches nothing, or only what is disabled, and names marts without a test', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    const nothing = await failureOf(place.transform.build(aRequest({ select: 'tag:olits' }), never));
    expect(nothing).toBeInstanceOf(TerminalError);
    expect(nothing.message).toMatch(/'tag:olits' matches no enabled model/);

    const folder = join(place.projectDir, 'models/stranger/marts');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'mart_off.sql'), `{{ config(enabled=false) }} select 1 as one`);
    await writeFile(join(folder, 'mart_bare.sql'), `select 1 as one`);
    const half = await failureOf(place.transform.build(aRequest({ select: 'mart_bare mart_off' }), never));
    expect(half.message).toMatch(/'mart_off' matches no enabled model/);
    const { untested } = await place.transform.build(aRequest({ select: 'mart_bare' }), never);
    expect(untested).toEqual(['model.sluice.mart_bare']);
  });

  it('refuses a selection that builds nothing: tests alone, ephemeral models alone', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    const folder = join(place.projectDir, 'models/stranger/marts');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'passing.sql'), `{{ config(materialized='ephemeral') }} select 1 as one`);
    await writeFile(join(folder, 'mart_over.sql'), `select * from {{ ref('passing') }}`);
    await writeFile(
      join(folder, '_over.yml'),
      `version: 2
models:
  - name: mart_over
    columns: [{ name: one, data_tests: [not_null] }]
`,
    );
    const built = await place.transform.build(aRequest({ select: 'passing mart_over' }), never);
    expect(built.nodes.map(({ kind }) => kind)).toEqual(['model', 'test']);
    for (const [select, message] of [
      [
        'passing',
        /'passing' of .* has only ephemeral models.*nothing is built.*Correct 'transform\.dbt\.select'/,
      ],
      ['mart_over,test_type:data', /has only tests, so nothing is built/],
    ] as const) {
      const failure = await failureOf(place.transform.build(aRequest({ select }), never));
      expect(failure).toBeInstanceOf(TerminalError);
      expect(failure.message).toMatch(message);
    }
  });

  it('refuses selections that it cannot judge for good', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    for (const select of [
      'state:modified',
      'result:error',
      'source_status:fresher+',
      'method:unknown',
      'selector:unknown',
    ]) {
      const failure = await failureOf(place.transform.build(aRequest({ select }), never));
      expect(failure.message).toMatch(/dbt could not build|matches no enabled model/);
      expect(failure).toBeInstanceOf(TerminalError);
    }
  });

  it("says of a model in no pipeline's folder where it is to go", async () => {
    const place = await aWorkplace();
    await writeFile(join(place.projectDir, 'models/lost.sql'), 'select 1 as one');
    const failure = await failureOf(place.transform.build(aRequest(), never));
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure.message).toMatch(/'lost' lies in no pipeline's folder[^]*models\/<pipeline>\/marts/);
  });

  it('says which file does not parse', async () => {
    const place = await aWorkplace();
    await writeFile(join(place.projectDir, 'models/olist/marts/dim_products.sql'), 'select {% if %}');
    const failure = await failureOf(place.transform.build(aRequest(), never));
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure.message).toMatch(/dim_products/);
  });

  it('takes a warehouse held by another program for a passing trouble', async () => {
    const place = await aWorkplace();
    const holder = await DuckDBInstance.create(place.database);
    const connection = await holder.connect();
    const failure = await failureOf(place.transform.build(aRequest(), never));
    connection.closeSync();
    holder.closeSync();
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure.message).toMatch(/end the program that holds the warehouse/);
  });

  it('keeps secrets out of its messages', async () => {
    const place = await aWorkplace({ SLUICE_REDSHIFT_PASSWORD: 'hunter22' });
    await writeFile(join(place.projectDir, 'models/olist/marts/dim_products.sql'), 'select {{ hunter22( }}');
    const failure = await failureOf(place.transform.build(aRequest(), never));
    expect(failure.message).toMatch(/\*\*\*/);
    expect(failure.message).not.toMatch(/hunter22/);
  });

  it('says how to install dbt where it is missing', async () => {
    const place = await aWorkplace();
    const without = new DbtTransform({
      python: join(place.folder, 'no/python'),
      projectDir: place.projectDir,
      stateDir: place.stateDir,
      target: 'duckdb',
      handOver: (use) => use({}),
    });
    const failure = await failureOf(without.build(aRequest(), never));
    expect(failure).toBeInstanceOf(TerminalError);
    expect(failure.message).toMatch(/Run 'sluice setup'/);
  });

  it('says where a project should be that is not there, and that it may come', async () => {
    const place = await aWorkplace();
    await rm(place.projectDir, { recursive: true });
    const failure = await failureOf(place.transform.build(aRequest(), never));
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure.message).toContain(`There is no dbt project in ${place.projectDir}`);
  });

  it('ends the whole process group on abort before it settles', async () => {
    const place = await aSlowWorkplace();
    const abort = new AbortController();
    const reason = new Error('cancelled by the operator');
    const build = place.transform.build(
      aRequest({ select: 'slow', onProgress: () => abort.abort(reason) }),
      abort.signal,
    );
    const waiting = place.transform.build(aRequest({ select: 'slow' }), abort.signal);
    await expect(waiting).rejects.toBe(reason);
    await expect(build).rejects.toBe(reason);
    expect(processesOf(place)).toEqual([]);
    // The warehouse is free again.
    expect(await place.sql('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('builds the models of different pipelines side by side where the warehouse is not handed to one alone', async () => {
    const place = await aSlowWorkplace();
    const databases = ['one', 'other'].map((name) => join(place.folder, `${name}.duckdb`));
    const transform = new DbtTransform({
      python,
      projectDir: place.projectDir,
      stateDir: place.stateDir,
      target: 'duckdb',
      handOver: (use) => use({ SLUICE_DUCKDB_PATH: databases.pop() ?? '' }),
    });
    const abort = new AbortController();
    const begun = new Set<string>();
    const builds = ['one', 'other'].map((pipeline) =>
      transform.build(
        { ...aRequest({ select: 'slow', onProgress: () => begun.add(pipeline) }), pipeline },
        abort.signal,
      ),
    );
    const ended = Promise.allSettled(builds);
    await vi.waitFor(() => expect(begun.size).toBe(2), { timeout: 120_000, interval: 200 });
    abort.abort(new Error('seen'));
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(processesOf(place)).toEqual([]);
  });

  it('leaves no process behind when its own process is killed', async () => {
    const place = await aSlowWorkplace();
    const parent = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', parentProgram(place)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise((resolve) => parent.stdout.once('data', resolve));
    expect(processesOf(place)).not.toEqual([]);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(processesOf(place)).toEqual([]), { timeout: 10_000, interval: 100 });
  });
});

/** A project with one model that takes hours. */
async function aSlowWorkplace(): Promise<Workplace> {
  const place = await aWorkplace();
  await writeFile(
    join(place.projectDir, 'models/olist/marts/slow.sql'),
    "{{ config(materialized='table') }}\nselect count(*) as n from range(10000000) a, range(10000000) b where a.range % 7 = b.range % 5",
  );
  return place;
}

function parentProgram(place: Workplace): string {
  const options = { python, projectDir: place.projectDir, stateDir: place.stateDir, target: 'duckdb' };
  return `
    import { DbtTransform } from ${JSON.stringify(join(import.meta.dirname, 'transform.ts'))};
    const transform = new DbtTransform({ ...${JSON.stringify(options)},
      handOver: (use) => use({ SLUICE_DUCKDB_PATH: ${JSON.stringify(place.database)} }) });
    const request = { pipeline: 'olist', select: 'slow', runId: 'r', variables: {}, resume: false, onProgress: () => console.log('started') };
    await transform.build(request, new AbortController().signal);`;
}

/** Processes of dbt that work in the place; what they are forked from is none. */
function processesOf(place: Workplace): readonly string[] {
  return execFileSync('ps', ['-axo', 'pid=,stat=,comm=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter((line) => line.includes(place.stateDir) && /^\s*\d+\s+[^Z]\S*\s+dbt\s.*dbt_runner/.test(line));
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

import { writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Output } from '../cli/output.ts';
import { withSession } from '../cli/session.ts';
import { benchAws } from './aws.ts';
import { benchCommands, benchPlans, benchWorker } from './commands.ts';
import { benchEach, benchExecutor, benchScripts } from './executor.ts';
import { benchExtraction } from './extraction.ts';
import { sourceOptions } from '../profiles/sources.ts';
import { markdown, median } from './figures.ts';
import { benchMemory } from './memory.ts';
import { benchMerge } from './merge.ts';
import { benchMysql } from './mysql.ts';
import { benchDashboards, benchGrid, type PageFigures } from './pages.ts';
import { benchPlan } from './plan.ts';
import { benchEmptyRun } from './run.ts';
import { benchSteps } from './steps.ts';
import { benchScript } from './tasks.ts';

/** The same 40 steps, of which each runs a command of a shell. */
const OTHERS = [
  ['Airflow 3.1.8, LocalExecutor on PostgreSQL, heartbeat tuned', '11–15'],
  ['the same, with its idle sleep as it comes', '44'],
  ['Prefect 3.8, in its own process', '3'],
];

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '5000000' }, turns: { type: 'string', default: '3' } },
});
// A stack of its own: what the demo has loaded stays as it is.
process.env['SLUICE_HOME'] = join(import.meta.dirname, '..', '.sluice', 'bench');
const rows = Number(values.rows);
const turns = Number(values.turns);
const output = new Output(false);
const one = (value: number, digits = 1) => value.toFixed(digits);

await withSession({ profile: 'embedded', json: false }, output, async (session) => {
  const sections: string[] = [];
  const section = (title: string, text: string) => {
    sections.push(`## ${title}\n\n${text}`);
    output.progress(`\n${title}\n\n${text}`);
  };

  output.progress('measuring commands and plans …');
  section(
    'Commands, and plans of 100,000 intervals (a process each; median)',
    markdown(
      ['what', 'seconds', 'CPU s', 'peak RSS MB'],
      [
        ...(await benchCommands(turns)),
        await benchWorker(process.env['SLUICE_HOME'] ?? '', turns),
        ...(await benchPlans(session)),
      ].map((each) => [
        each.what,
        one(each.seconds, 2),
        each.cpuSeconds === null ? '' : one(each.cpuSeconds, 2),
        each.peakRssMb === null ? '' : one(each.peakRssMb, 0),
      ]),
    ),
  );

  const plan = benchPlan();
  section(
    `Validating and planning a pipeline of ${plan.steps} steps (ms, median of 21)`,
    markdown(['one that holds', 'one of which every name is wrong'], [[one(plan.valid), one(plan.wrong)]]),
  );

  output.progress('measuring the gap between steps …');
  const gaps = await benchSteps(session);
  const executor = await benchExecutor(session);
  section(
    'Gap between steps (40 steps that do nothing, ms)',
    markdown(
      ['', 'p50', 'p95'],
      [
        ['tasks of a run, by the executor', one(executor.p50), one(executor.p95)],
        ['with the ledger’s writes', one(gaps.recorded.p50), one(gaps.recorded.p95)],
        ['Temporal alone', one(gaps.bare.p50), one(gaps.bare.p95)],
      ],
    ),
  );

  output.progress('measuring a script task …');
  const script = await benchScript();
  section(
    "A script task over its command (`bash -c 'echo one'`, ms, median of 40)",
    markdown(
      ['the command', 'as a task', 'overhead'],
      [[one(script.bare), one(script.task), one(script.task - script.bare)]],
    ),
  );

  output.progress('measuring 40 script steps …');
  const scripts = await benchScripts(session);
  section(
    "40 script steps, one after the other (`bash -c 'echo one'`; Airflow and Prefect as measured earlier on a machine of the same kind)",
    markdown(
      ['who', 'seconds'],
      [
        ['Sluice, of start to result', one(scripts)],
        ['a step of it over the bare command, ms', one((scripts * 1000) / 40 - script.bare)],
        ...OTHERS,
      ],
    ),
  );

  output.progress('measuring a step for each of 1,000 …');
  const each = await benchEach(session);
  section(
    'A step for each of a list (nothing done, 16 at a time)',
    markdown(
      ['elements', 'steps/s', 'events of the run', 'events of the child’s last execution'],
      [[each.elements.toLocaleString('en-US'), one(each.stepsPerSecond, 0), each.events, each.eventsOfChild]],
    ),
  );

  output.progress('measuring memory over 1,000 runs …');
  const memory = await benchMemory(session);
  section(
    'Memory of a worker over runs of one step',
    markdown(
      ['runs', 'RSS MB'],
      memory.map(({ runs, rssMb }) => [runs.toLocaleString('en-US'), one(rssMb, 0)]),
    ),
  );

  output.progress('measuring pages …');
  const grid = await benchGrid(session);
  const dashboards = await benchDashboards();
  const pageTable = (figures: readonly PageFigures[]) =>
    markdown(
      ['what', 'median ms', 'p95 ms', 'KB, compressed'],
      figures.map(({ what, medianMs, p95Ms, kilobytes }) => [
        what,
        one(medianMs, 0),
        one(p95Ms, 0),
        kilobytes === null ? '' : one(kilobytes, 0),
      ]),
    );
  section(
    'Grid of a pipeline with 87,600 hourly intervals of 25 steps (as the server answers)',
    pageTable(grid),
  );
  section(
    'Dashboards in Chromium (a page of 100,000 rows that count keys, seven panels; a line and a table of 20,000 points)',
    dashboards
      ? `${pageTable(dashboards.figures)}\n\nQuerying and publishing the first took ${one(dashboards.publishMs / 1000)} s, ${one(dashboards.queryMs / 1000)} of them the query.`
      : 'There was no browser.',
  );

  output.progress('measuring an empty daily run …');
  const run = await benchEmptyRun(session);
  section(
    'An empty daily run of `olist` (11 tables, seconds, median of 5)',
    markdown(
      ['part', 'seconds', 'share'],
      [
        ['extract and load of 11 tables', one(run.tables, 2), percent(run.tables / run.run)],
        ['dbt itself', one(run.dbt, 2), percent(run.dbt / run.run)],
        ['ours around dbt', one(run.aroundDbt, 2), percent(run.aroundDbt / run.run)],
        ['opening, check, publish, closing', one(run.rest, 2), percent(run.rest / run.run)],
        ['**the whole run**', one(run.run, 2), ''],
      ],
    ),
  );

  output.progress('measuring extraction …');
  const extraction = await benchExtraction({ source: sourceOptions(session.profile, 'olist'), rows, turns });
  section(
    `Extraction from PostgreSQL (${rows.toLocaleString('en-US')} rows × 18 columns; one stream of COPY binary thrown away = 1.00)`,
    [
      markdown(
        ['what', 'rows', 'seconds', 'rows/s', 'share of COPY', 'our CPU s', 'peak RSS MB', 'Parquet MB'],
        extraction.map((each) => [
          each.what,
          each.rows.toLocaleString('en-US'),
          one(each.seconds, 2),
          Math.round(each.rowsPerSecond).toLocaleString('en-US'),
          each.shareOfCopy === null ? '' : one(each.shareOfCopy, 2),
          each.cpuSeconds === null ? '' : one(each.cpuSeconds, 1),
          each.peakRssMb === null ? '' : one(each.peakRssMb, 0),
          each.parquetMb === null ? '' : one(each.parquetMb, 0),
        ]),
      ),
      `COPY's session and the worker's source are open; the first extraction of a worker takes ${one(median(extraction.flatMap(({ startSeconds }) => startSeconds ?? [])), 2)} s more.`,
    ].join('\n\n'),
  );

  output.progress('measuring extraction from MariaDB …');
  const ofMysql = await benchMysql({ rows, turns });
  section(
    `Extraction from MariaDB (${rows.toLocaleString('en-US')} rows × 18 columns; its own client, which throws the rows away = 1.00)`,
    markdown(
      ['what', 'seconds', 'of the client', 'our CPU s', 'peak RSS MB', 'Parquet MB'],
      ofMysql.map((each) => [
        each.what,
        one(each.seconds, 2),
        one(each.ofClient, 2),
        each.cpuSeconds === null ? '' : one(each.cpuSeconds, 1),
        each.peakRssMb === null ? '' : one(each.peakRssMb, 0),
        each.parquetMb === null ? '' : one(each.parquetMb, 0),
      ]),
    ),
  );

  output.progress('measuring the merge …');
  const merge = await benchMerge({ rows, incoming: rows / 10, rounds: turns });
  section(
    `Merge of ${(rows / 10).toLocaleString('en-US')} rows into ${rows.toLocaleString('en-US')} (half of them updates)`,
    markdown(
      ['way', 'seconds', 'peak RSS MB'],
      Object.entries(merge.ways).map(([way, measured]) => [
        way,
        one(measured.seconds, 2),
        one(measured.rssMb, 0),
      ]),
    ),
  );

  output.progress('counting what a run asks of AWS …');
  const aws = await benchAws(5_000);
  section(
    `A run of \`olist\` on the AWS path (${aws.rows.toLocaleString('en-US')} rows, 11 tables; against the stand-ins)`,
    [
      markdown(
        ['what', ''],
        [
          ...Object.entries(aws.seconds).map(([part, seconds]) => [part, `${one(seconds)} s`]),
          ['worker, peak RSS', `${one(aws.workerPeakRssMb, 0)} MB`],
          ['Parquet files', `${Math.round(aws.bytesOfFiles / 1024).toLocaleString('en-US')} KB`],
          [
            'SQL statements by the Data API',
            Object.entries(aws.statements)
              .map(([word, n]) => `${n} ${word}`)
              .join(', '),
          ],
        ],
      ),
      '',
      markdown(
        ['service', 'operation', 'calls of the worker'],
        aws.calls.map(({ service, operation, calls }) => [service, operation, String(calls)]),
      ),
    ].join('\n'),
  );

  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}.`;
  const text = `# Benchmarks\n\n\`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine} Compared ways are interleaved in one run; medians; other work may share the machine, so ratios count more than seconds.\n\n${sections.join('\n\n')}\n`;
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'benchmarks.md'), text);
});

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

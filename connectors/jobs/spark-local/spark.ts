import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withTimeLimit } from '../../../core/abort.ts';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { TerminalError } from '../../../core/errors.ts';
import { signalOf } from '../../process/exit-codes.ts';
import { runFenced } from '../../process/fenced.ts';
import { argumentsOf } from '../spark-arguments.ts';
import type { JobProgress, SparkOutcome, SparkRunner, SparkTaskJob } from '../port.ts';

export interface LocalSparkOptions {
  /** A Python environment with pyspark: `bin/spark-submit`, `bin/python`. */
  readonly python: string;
  /** Takes jars beside Spark's own; one that is not there brings none. */
  readonly jars?: string | undefined;
  /** Of Java; absent: as the worker's own environment says. */
  readonly java?: string | undefined;
  /** The project's `spark/jobs/`. */
  readonly folder: string;
  /** Of the driver, which does all the work: `2g`. */
  readonly memory: string;
  /** Settings of Spark. */
  readonly conf: Readonly<Record<string, string>>;
  /** Bytes that an output may have. */
  readonly outputLimit: number;
}

const FENCE = join(import.meta.dirname, '..', '..', 'process', 'fence.sh');
const ENGINE = join(import.meta.dirname, '..', '..', '..', 'spark');
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'JAVA_HOME'] as const;
/** What Spark says of itself. */
const CHATTER =
  /^\d\d\/\d\d\/\d\d [\d:]+ (INFO|DEBUG) |^(Setting default log level|To adjust logging level|Using Spark's default log4j)/;
const TAIL = 30; // lines that a failure shows

/**
 * Spark on this machine, in a process that does not outlive this one: an attempt whose worker has died begins anew. Runs of one token
 * wait for each other.
 */
export class LocalSpark implements SparkRunner {
  readonly #options: LocalSparkOptions;
  readonly #running = new Map<string, Promise<unknown>>();
  #count = 0;

  constructor(options: LocalSparkOptions) {
    this.#options = options;
  }

  async run(
    job: SparkTaskJob,
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void = () => undefined,
    onLine: (line: string) => void = () => undefined,
  ): Promise<SparkOutcome> {
    await this.#running.get(job.token)?.catch(() => undefined);
    signal.throwIfAborted();
    const run = this.#submit(job, signal, onProgress, onLine);
    this.#running.set(job.token, run);
    try {
      return await run;
    } finally {
      this.#running.delete(job.token);
    }
  }

  /** Nothing of it outlives a run. */
  release(): Promise<void> {
    return Promise.resolve();
  }

  async #submit(
    job: SparkTaskJob,
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void,
    onLine: (line: string) => void,
  ): Promise<SparkOutcome> {
    const script = this.#scriptOf(job);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-spark-'));
    const [input, output] = [join(folder, 'input.json'), join(folder, 'output.json')];
    const jobRunId = `local-${process.pid}-${(this.#count += 1)}`;
    const began = performance.now();
    const tail: string[] = [];
    const take = (line: string) => {
      if (CHATTER.test(line)) return;
      if (tail.push(line) > TAIL) tail.shift();
      onLine(line);
    };
    return thenCleanUp(
      async () => {
        await writeFile(input, job.input);
        onProgress({ jobRunId, state: 'RUNNING' });
        const submit = {
          program: 'sh',
          arguments: [
            FENCE,
            join(this.#options.python, 'bin', 'spark-submit'),
            ...this.#settings(folder),
            script,
            ...argumentsOf(job, pathToFileURL(input).href, pathToFileURL(output).href),
          ],
          folder: this.#options.folder,
          environment: { ...this.#environment(), ...job.environment },
          onLine: take,
          onErrorLine: take,
        };
        const { exit, isLate } = await withTimeLimit(job.timeoutMs, signal, async (stop, limit) => ({
          exit: await runFenced(submit, stop),
          isLate: limit.aborted,
        }));
        signal.throwIfAborted();
        const succeeded = exit.code === 0;
        // Spark's own process ends with what its Python ended with: 137 where that was killed, for want of memory most often.
        const signalled = exit.signal ?? signalOf(exit.code);
        const code = `exit code ${String(exit.code)}`;
        const how =
          exit.notStarted ?? exit.signal ?? (signalled === undefined ? code : `${code}, by ${signalled}`);
        return {
          jobRunId,
          succeeded,
          message: succeeded
            ? null
            : `Spark job '${job.job}' ended with ${how}\nEnd of its log:\n${tail.join('\n')}`,
          seconds: Math.round((performance.now() - began) / 1000),
          ending: isLate ? 'timed out' : signalled === undefined ? 'exited' : 'killed',
          output: succeeded ? await this.#read(output) : null,
        };
      },
      () => rm(folder, { recursive: true, force: true }),
    );
  }

  #scriptOf({ subject, job }: SparkTaskJob): string {
    const { python, folder } = this.#options;
    const script = join(folder, `${job}.py`);
    if (!existsSync(script))
      throw new TerminalError(`${subject}: there is no ${script}. Write it, or correct 'spark'.`);
    if (!existsSync(join(python, 'bin', 'spark-submit')))
      throw new TerminalError(
        `${subject}: there is no Spark in ${python}. Install pyspark there, or correct 'jobs.spark.python' in the profile.`,
      );
    return script;
  }

  #settings(folder: string): string[] {
    const { jars, memory, conf } = this.#options;
    const files = jars && existsSync(jars) ? readdirSync(jars).filter((name) => name.endsWith('.jar')) : [];
    const settings: Record<string, string> = {
      'spark.ui.enabled': 'false',
      'spark.local.dir': join(folder, 'scratch'),
      'spark.driver.host': '127.0.0.1',
      'spark.driver.bindAddress': '127.0.0.1',
      'spark.sql.shuffle.partitions': '4',
      'spark.sql.session.timeZone': 'UTC',
      'spark.sql.warehouse.dir': join(folder, 'warehouse'),
      'spark.driver.extraJavaOptions': `-Duser.timezone=UTC -Dderby.system.home=${folder}`,
      ...conf,
    };
    // Not --jars, which copies them for each job.
    const classPath = [
      ...files.map((name) => join(jars ?? '', name)),
      conf['spark.driver.extraClassPath'] ?? '',
    ];
    if (classPath.some(Boolean))
      settings['spark.driver.extraClassPath'] = classPath.filter(Boolean).join(delimiter);
    return [
      ...['--master', 'local[2]', '--driver-memory', memory],
      ...Object.entries(settings).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
    ];
  }

  #environment(): Record<string, string> {
    const { python, java } = this.#options;
    const own = INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ...Object.fromEntries(own),
      ...(java === undefined ? {} : { JAVA_HOME: java }),
      PYTHONUNBUFFERED: '1',
      // Packages that jobs share lie beside them, or are the engine's.
      PYTHONPATH: [dirname(this.#options.folder), ENGINE].join(delimiter),
      PYSPARK_PYTHON: join(python, 'bin', 'python'),
      PYSPARK_DRIVER_PYTHON: join(python, 'bin', 'python'),
      SPARK_LOCAL_IP: '127.0.0.1',
    };
  }

  async #read(file: string): Promise<SparkOutcome['output']> {
    const bytes = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes === 0) return null;
    return { bytes, text: bytes > this.#options.outputLimit ? null : await readFile(file, 'utf8') };
  }
}

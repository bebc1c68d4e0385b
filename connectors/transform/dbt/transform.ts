import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutex } from 'async-mutex';
import { orAborted } from '../../../core/abort.ts';
import type { BuiltModels, TableColumns } from '../../../core/lineage/models.ts';
import { builtModels } from './columns/models.ts';
import { buildArguments, childEnvironment, commandArguments } from './command.ts';
import { cleaner, toError } from './failure.ts';
import { readGraph } from './graph.ts';
import { LogReader } from './log.ts';
import { runFenced, untilEnded, type Exit } from '../../process/fenced.ts';
import { ForkServer } from './fork-server.ts';
import { ResumePoint } from './resume.ts';
import { isSuccessful, merge, readResults, toNode } from './results.ts';
import { mustHaveBuilt, untested } from './selection.ts';
import type { ModelGraph, Transform, TransformRequest, TransformResult } from '../port.ts';

const RUNNER = join(import.meta.dirname, 'dbt_runner.py');
/** -I: no user site, no PYTHON* settings; -u: lines as they come. */
const PYTHON = ['-I', '-u'];

export interface DbtOptions {
  /** The Python interpreter of the environment that dbt is installed in: `.tools/python/bin/python`. */
  readonly python: string;
  /** The folder with `dbt_project.yml` and `profiles.yml`. Nothing is written to it. */
  readonly projectDir: string;
  /** Takes what dbt writes, the parsed project between runs among it, in a folder for each pipeline. One per project and target. */
  readonly stateDir: string;
  /** An output of `profiles.yml`. */
  readonly target: string;
  /** Gives the warehouse away for as long as `use` runs, and the environment that the profile reads. */
  readonly handOver: <T>(
    use: (environment: Readonly<Record<string, string>>) => Promise<T>,
    signal: AbortSignal,
  ) => Promise<T>;
  /** Nodes at the same time; absent: as profiles.yml says (one on DuckDB, where dbt itself is the bottleneck; four on Redshift). */
  readonly threads?: number;
}

/**
 * dbt as a child process: https://docs.getdbt.com/reference/commands/build
 *
 * Builds of one pipeline wait for each other, since they share the parsed project and the models. Variables reach
 * the models as `SLUICE_VAR_<NAME>` (macro `variable`). A resume runs the nodes that the attempt before left
 * unsuccessful; when that attempt was killed, or the project or the request is another one, it runs them all.
 */
export class DbtTransform implements Transform {
  readonly #options: DbtOptions;
  /** By pipeline. */
  readonly #turns = new Map<string, Mutex>();

  /** Absent where to fork without an exec is not safe. */
  readonly #forks: ForkServer | undefined;

  constructor(options: DbtOptions) {
    this.#options = options;
    const { python, stateDir } = options;
    if (process.platform === 'linux')
      this.#forks = new ForkServer(python, [...PYTHON, RUNNER, stateDir], childEnvironment({}, {}));
  }

  async build(request: TransformRequest, signal: AbortSignal): Promise<TransformResult> {
    const release = await this.#turn(request.pipeline, signal);
    try {
      return await this.#options.handOver((environment) => this.#run(request, environment, signal), signal);
    } finally {
      release();
    }
  }

  /** What dbt has parsed for its last build here; where another worker has built, the project is parsed. */
  async graph(pipeline: string, signal: AbortSignal): Promise<ModelGraph> {
    const { python, projectDir, target, handOver } = this.#options;
    const targetPath = join(this.#stateOf(pipeline), 'target');
    const release = await this.#turn(pipeline, signal);
    try {
      const there = await readGraph(targetPath);
      if (there) return there;
      await mkdir(targetPath, { recursive: true });
      return await handOver(async (environment) => {
        const log = new LogReader(undefined);
        const exit = await this.#execute(
          commandArguments('parse', { projectDir, targetPath, target }),
          childEnvironment(environment, {}),
          log,
          signal,
        );
        signal.throwIfAborted();
        const parsed = exit.code === 0 ? await readGraph(targetPath) : undefined;
        if (parsed) return parsed;
        throw toError({ exit, nodes: [], log, clean: cleaner(environment), projectDir, python });
      }, signal);
    } finally {
      release();
    }
  }

  /** By what dbt has compiled for the pipeline's last build here. */
  models(pipeline: string, columns: TableColumns): Promise<BuiltModels | undefined> {
    return builtModels(join(this.#stateOf(pipeline), 'target'), columns);
  }

  async #run(
    request: TransformRequest,
    handedOver: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TransformResult> {
    signal.throwIfAborted();
    const { python, projectDir, target, threads } = this.#options;
    const stateDir = this.#stateOf(request.pipeline);
    const targetPath = join(stateDir, 'target');
    const resultsPath = join(targetPath, 'run_results.json');
    await mkdir(targetPath, { recursive: true });
    // What is found afterwards is this attempt's.
    await rm(resultsPath, { force: true });

    const clean = cleaner(handedOver);
    const point = await ResumePoint.open({ stateDir, projectDir, target, request });
    const earlier = request.resume ? await point.earlier() : undefined;
    if (earlier === undefined) await point.forget();
    else if (earlier.results.every(isSuccessful)) {
      const nodes = earlier.results.map((node) => toNode(node, clean));
      return { nodes, seconds: 0, untested: await untested(targetPath, earlier) };
    }

    const log = new LogReader(request.onProgress);
    const resumeFrom = earlier && point.folder;
    const started = performance.now();
    const exit = await this.#execute(
      buildArguments({ request, projectDir, targetPath, target, threads, resumeFrom }),
      childEnvironment(handedOver, request.variables),
      log,
      signal,
    );
    const seconds = (performance.now() - started) / 1000;
    signal.throwIfAborted();

    const ran = await readResults(resultsPath);
    if (exit.code === 0 && resumeFrom === undefined)
      mustHaveBuilt(ran ?? { results: [] }, log, request.select, projectDir);
    if (ran === undefined || (exit.code !== 0 && exit.code !== 1)) {
      throw toError({ exit, nodes: [], log, clean, projectDir, python });
    }
    const all = merge(earlier, ran);
    await point.keep(all);
    const nodes = all.results.map((node) => toNode(node, clean));
    if (exit.code === 0) return { nodes, seconds, untested: await untested(targetPath, all) };
    throw toError({ exit, nodes, log, clean, projectDir, python });
  }

  #execute(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    log: LogReader,
    signal: AbortSignal,
  ): Promise<Exit> {
    const output = { onLine: (line: string) => log.read(line) };
    if (this.#forks) return untilEnded(this.#forks.start(args, environment), output, signal);
    const once = [...PYTHON, RUNNER, '--once', ...args];
    return runFenced({ program: this.#options.python, arguments: once, environment, ...output }, signal);
  }

  #stateOf(pipeline: string): string {
    return join(this.#options.stateDir, 'pipelines', pipeline);
  }

  /** Waits for the pipeline's builds before this one; an abort ends the wait. */
  async #turn(pipeline: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const turns = this.#turns.get(pipeline) ?? new Mutex();
    this.#turns.set(pipeline, turns);
    return orAborted(turns.acquire(), signal, (release) => release());
  }
}

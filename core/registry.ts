import { InvalidInput } from './errors.ts';
import { hint } from './hint.ts';
import { schemasOf, type ResolvedPipeline } from './pipeline.ts';
import { resolvePipeline, soundTasks } from './resolve.ts';
import type { ResolvedTask } from './tasks.ts';

/** The pipelines that hold, by name. What does not is in `broken`, by the name it would have had, with what is wrong. */
export type Registry = ReadonlyMap<string, ResolvedPipeline> & {
  readonly broken?: ReadonlyMap<string, BrokenPipeline>;
};

/** What is wrong with a pipeline, and those of its tasks that are well formed: what these name may be missing as well. */
export class BrokenPipeline extends InvalidInput {
  readonly tasks: readonly ResolvedTask[];

  constructor(subject: string, problems: readonly string[], tasks: readonly ResolvedTask[] = []) {
    super(subject, problems);
    this.tasks = tasks;
  }
}

/** A file of `pipelines/`: what it exports, or why it could not be loaded. */
export type PipelineFile = { readonly file: string } & (
  { readonly exports: readonly unknown[] } | { readonly failure: string }
);

interface Candidate {
  readonly file: string;
  readonly pipeline: ResolvedPipeline;
}

/**
 * The registry that files make up. One that does not hold takes no other with it: it is left out, under its name, or its file's where
 * it has none. Two of one name, or that would share a schema of the warehouse, are both left out: which of them is meant nobody knows.
 */
export function readRegistry(files: readonly PipelineFile[]): Registry & Required<Pick<Registry, 'broken'>> {
  const problems = new Map<string, { files: Set<string>; texts: string[] }>();
  const problem = (name: string, file: string, ...texts: readonly string[]) => {
    if (!texts.length) return;
    const of = problems.get(name) ?? { files: new Set(), texts: [] };
    of.files.add(file);
    of.texts.push(...texts);
    problems.set(name, of);
  };
  const found: Candidate[] = [];
  const tasks = new Map<string, readonly ResolvedTask[]>();
  for (const each of files) {
    const { file } = each;
    const stem = file.replace(/^pipelines\/|\.ts$/g, '');
    if ('failure' in each) {
      problem(stem, file, `it cannot be loaded: ${each.failure}`);
      continue;
    }
    const definitions = each.exports.filter(isDefinition);
    if (!definitions.length)
      problem(stem, file, `it exports no pipeline: write 'export const ${stem} = definePipeline({ … })'.`);
    for (const written of definitions) {
      try {
        found.push({ file, pipeline: resolvePipeline(written) });
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        const name = typeof written.name === 'string' ? written.name : stem;
        tasks.set(name, soundTasks(written));
        problem(name, file, ...error.problems);
      }
    }
  }
  for (const { file, pipeline } of found) {
    const others = found.filter((other) => other.pipeline !== pipeline);
    const twin = others.find((other) => other.pipeline.name === pipeline.name);
    if (twin)
      problem(
        pipeline.name,
        file,
        `pipeline '${pipeline.name}' is defined twice, here and in ${twin.file}; rename one.`,
      );
    for (const other of others) {
      const shared = schemasOf(pipeline.name).find((schema) =>
        schemasOf(other.pipeline.name).includes(schema),
      );
      if (other !== twin && shared !== undefined)
        problem(
          pipeline.name,
          file,
          `pipelines '${pipeline.name}' and '${other.pipeline.name}' would both have the schema ${shared} of the warehouse; rename one.`,
        );
    }
  }
  for (const { file, pipeline } of found)
    problem(
      pipeline.name,
      file,
      ...waitProblems(
        pipeline,
        found.map((each) => each.pipeline),
        [...problems.keys()],
      ),
    );
  const good = new Map(found.map(({ pipeline }) => [pipeline.name, pipeline]));
  const tasksOf = (name: string) => tasks.get(name) ?? good.get(name)?.tasks;
  const broken = new Map(
    [...problems].map(([name, { files: of, texts }]) => [
      name,
      new BrokenPipeline(`Pipeline '${name}' (${[...of].join(', ')})`, [...new Set(texts)], tasksOf(name)),
    ]),
  );
  for (const name of problems.keys()) good.delete(name);
  return Object.assign(good, { broken });
}

/** Waits for other pipelines that never end. One that waits for a broken pipeline waits for it to be mended. */
function waitProblems(
  pipeline: ResolvedPipeline,
  all: readonly ResolvedPipeline[],
  broken: readonly string[],
): string[] {
  const awaited = (of: ResolvedPipeline) =>
    of.tasks.flatMap(({ name, does }) =>
      'waitFor' in does && 'pipeline' in does.waitFor ? [{ task: name, other: does.waitFor.pipeline }] : [],
    );
  const named = (name: string) => all.find((each) => each.name === name);
  /** The way back to where it began, by names of pipelines. */
  const wayBack = (from: string, seen: readonly string[] = []): readonly string[] | undefined => {
    if (from === pipeline.name) return [...seen, from];
    const next = seen.includes(from) ? undefined : named(from);
    for (const { other } of next ? awaited(next) : []) {
      const way = wayBack(other, [...seen, from]);
      if (way) return way;
    }
    return undefined;
  };
  return awaited(pipeline).flatMap(({ task, other }) => {
    const field = `tasks.${task}.waitFor.pipeline`;
    if (!named(other) && !broken.includes(other))
      return [
        `${field}: there is no pipeline '${other}'${hint(
          other,
          all.map(({ name }) => name),
        )}`,
      ];
    const way = wayBack(other);
    return way ? [`${field}: pipelines wait for each other: ${[pipeline.name, ...way].join(' → ')}.`] : [];
  });
}

/**
 * A registry of definitions that must all hold.
 * @throws {InvalidInput} with the problems of all of them
 */
export function resolveAll(written: readonly unknown[]): Registry {
  const registry = readRegistry(
    written.map((entry, at) => ({ file: `definition ${at + 1}`, exports: [entry] })),
  );
  const all = [...registry.broken.values()];
  if (all.length)
    throw new InvalidInput(
      'The registry',
      all.map(({ message }) => message),
    );
  return registry;
}

/** By any of what a pipeline is made of: other things may be exported beside it. */
function isDefinition(value: unknown): value is { readonly name?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['tables', 'source', 'tasks', 'transform', 'schedule'].some((field) => field in value)
  );
}

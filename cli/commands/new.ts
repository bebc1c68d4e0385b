import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Argument, type Command } from 'commander';
import { InvalidInput } from '../../core/errors.ts';
import { rawSchema } from '../../core/pipeline.ts';
import { registry } from '../../pipelines/index.ts';
import { PROJECT } from '../../profiles/project.ts';
import { example, invocation } from './globals.ts';

const KINDS = ['pipeline', 'task', 'model'] as const;
type Kind = (typeof KINDS)[number];

/** Files to be written, and what to do next. */
interface Draft {
  readonly files: Readonly<Record<string, string>>;
  readonly next: string;
}

export function newCommand(command: Command): void {
  command
    .addArgument(new Argument('<kind>', 'what').choices(KINDS))
    .argument('<name>', 'snake_case')
    .option('--pipeline <pipeline>', 'whose model it is')
    .option('--tasks', 'of a pipeline: without tables and source, made of tasks alone')
    .addHelpText(
      'after',
      example(
        'sluice new pipeline shop',
        'sluice new pipeline nightly --tasks',
        'sluice new task score',
        'sluice new model shop_weeks --pipeline shop',
      ),
    )
    .action((kind: Kind, name: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ pipeline?: string; tasks?: boolean }>(command);
      const problems: string[] = [];
      if (!/^[a-z][a-z0-9_]*$/.test(name))
        problems.push(`'${name}': a name has lower-case letters, digits and _, and begins with a letter.`);
      if (kind === 'model' && !registry.has(options.pipeline ?? ''))
        problems.push(
          options.pipeline === undefined
            ? `--pipeline: say whose model it is. There are ${[...registry.keys()].join(', ') || 'no pipelines yet'}.`
            : `--pipeline: there is no pipeline '${options.pipeline}'. There are ${[...registry.keys()].join(', ') || 'none yet'}.`,
        );
      if (options.tasks && kind !== 'pipeline')
        problems.push(`--tasks: goes with 'new pipeline'; a ${kind} is no pipeline.`);
      const draft = kind === 'pipeline' && options.tasks ? ofTasks : drafts[kind];
      const { files, next } = draft(name, options.pipeline ?? '');
      for (const file of Object.keys(files))
        if (existsSync(join(PROJECT, file))) problems.push(`${file} is there already; nothing was written.`);
      if (problems.length) throw new InvalidInput('The command line', problems);
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(PROJECT, file)), { recursive: true });
        writeFileSync(join(PROJECT, file), text, { flag: 'wx' });
      }
      output.result({ kind, name, files: Object.keys(files) }, `${Object.keys(files).join('\n')}\n${next}`);
    });
}

const drafts: Readonly<Record<Kind, (name: string, pipeline: string) => Draft>> = {
  pipeline: (name) => ({
    files: {
      [`pipelines/${name}.ts`]: `import { definePipeline } from 'sluice';

export const ${camelCase(name)} = definePipeline({
  name: '${name}',
  description: 'What it brings, in a sentence',
  schedule: { cron: '0 0 * * *', timezone: 'UTC', delay: '2 hours' },
  start: '${new Date().toISOString().slice(0, 10)}',
  source: '${name}',
  tables: {
    orders: { domain: '${name}', from: 'public.orders', extract: { mode: 'snapshot' }, primaryKey: ['order_id'] },
  },
});
`,
    },
    next: `Next: name its connection '${name}' in profiles/, correct the tables, then 'sluice validate'.`,
  }),
  task: (name) => ({
    files: taskFile(name),
    next: `Next: name it in a pipeline, 'tasks: { ${name}: { run: '${name}', after: ['load'] } }', then 'sluice validate'.`,
  }),
  model: (name, pipeline) => {
    const definition = registry.get(pipeline);
    const table = definition?.tables[0]?.name ?? 'orders';
    return {
      files: {
        [`dbt/models/${pipeline}/marts/${name}.sql`]: `select *\nfrom {{ source('${pipeline}', '${table}') }}\n`,
      },
      next: `Next: write the select over ${rawSchema(pipeline)} or the staging models, add a key test in the folder's YAML, then 'sluice run ${pipeline}'.`,
    };
  },
};

function ofTasks(name: string): Draft {
  return {
    files: {
      [`pipelines/${name}.ts`]: `import { definePipeline } from 'sluice';

export const ${camelCase(name)} = definePipeline({
  name: '${name}',
  description: 'What it does, in a sentence',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '${new Date().toISOString().slice(0, 10)}',
  tasks: {
    work: { run: '${name}', timeout: '30 minutes' },
  },
});
`,
      ...taskFile(name),
    },
    next: `Next: write tasks/${name}.ts, then 'sluice validate' and 'sluice run ${name}'.`,
  };
}

function taskFile(name: string): Draft['files'] {
  return {
    [`tasks/${name}.ts`]: `import type { TaskContext } from 'sluice';

/** What it does, in a sentence. What it gives is the step's result: plain JSON, 64 KiB at most. */
export default async ({ interval, log }: TaskContext, signal: AbortSignal) => {
  signal.throwIfAborted();
  log(\`\${interval.start} to \${interval.end}\`);
  return { done: true };
};
`,
  };
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

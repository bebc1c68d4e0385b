import type { Command } from 'commander';

interface CommandEntry {
  /** The name, and the arguments as commander writes them. */
  readonly usage: string;
  readonly description: string;
  /** What gives the command its options and its action: loaded for the one command that is used. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** Every command, in the order of `sluice --help`, which needs no more than this list. */
export const commands: readonly CommandEntry[] = [
  {
    usage: 'demo',
    description:
      'the whole way once, on this machine: source, lake, warehouse, dbt marts (profiles embedded and aws-local)',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    usage: 'dev',
    description:
      'run a whole stack in the foreground: PostgreSQL, Temporal with its Web UI, a worker (profiles embedded and aws-local)',
    load: async () => (await import('./dev.ts')).devCommand,
  },
  {
    usage: 'stop',
    description:
      'end the stack that runs on the home folder, whichever command started it (profiles embedded and aws-local)',
    load: async () => (await import('./stop.ts')).stopCommand,
  },
  {
    usage: 'init <folder>',
    description: 'make a project that runs: a pipeline, a task, models, a profile for this machine',
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    usage: 'setup',
    description: 'install what npm does not: Python with dbt, the Temporal CLI; into .tools/ of the project',
    load: async () => (await import('./setup.ts')).setupCommand,
  },
  {
    usage: 'new',
    description: 'write the first lines of a pipeline, a task or a model',
    load: async () => (await import('./new.ts')).newCommand,
  },
  {
    usage: 'migrate',
    description: 'read Airflow DAG files, without running them, and say what each task would become',
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  {
    usage: 'validate',
    description: 'check every pipeline and the profile, without touching anything',
    load: async () => (await import('./validate.ts')).validateCommand,
  },
  {
    usage: 'deploy',
    description: 'bring Temporal in line with the registry: search attributes and schedules',
    load: async () => (await import('./deploy.ts')).deployCommand,
  },
  {
    usage: 'run <pipeline>',
    description: 'run a pipeline over one data interval and wait for it',
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    usage: 'backfill <pipeline>',
    description: 'run a pipeline over past intervals; goes on in Temporal when the terminal is closed',
    load: async () => (await import('./backfill.ts')).backfillCommand,
  },
  {
    usage: 'backfills [pipeline]',
    description: 'list backfills, newest first; with --backfill the intervals of one that have failed',
    load: async () => (await import('./backfills.ts')).backfillsCommand,
  },
  {
    usage: 'status [pipeline]',
    description:
      'all pipelines in a line each; of one, a grid of intervals and steps: what ran, failed, should have run and did not',
    load: async () => (await import('./status.ts')).statusCommand,
  },
  {
    usage: 'runs [pipeline]',
    description: 'list runs, newest first; with --run the steps of one',
    load: async () => (await import('./runs.ts')).runsCommand,
  },
  {
    usage: 'actions [pipeline]',
    description: 'who has done what, newest first: runs, backfills, cancellations, approvals',
    load: async () => (await import('./actions.ts')).actionsCommand,
  },
  {
    usage: 'logs <run> [step]',
    description: 'what the steps of a run have written: the last 200 lines of every attempt',
    load: async () => (await import('./logs.ts')).logsCommand,
  },
  {
    usage: 'rerun [run]',
    description:
      'run an interval again, after a failure only what is missing; or all that have failed in a span',
    load: async () => (await import('./rerun.ts')).rerunCommand,
  },
  {
    usage: 'cancel <id>',
    description: 'cancel a run or a backfill; what is half done is cleaned up',
    load: async () => (await import('./control.ts')).cancelCommand,
  },
  {
    usage: 'approve <run> <step>',
    description: 'let a step go ahead that waits for approval, or refuse it',
    load: async () => (await import('./approve.ts')).approveCommand,
  },
  {
    usage: 'skip <run> <step>',
    description:
      'leave out a step of a run under way that waits, is tried again or works; what follows goes by its when',
    load: async () => (await import('./skip.ts')).skipCommand,
  },
  {
    usage: 'notices',
    description: 'what is not over, who was told of it and when, and what waits for an answer',
    load: async () => (await import('./notices.ts')).noticesCommand,
  },
  {
    usage: 'pools',
    description: 'who holds the places of pools, and who waits for one',
    load: async () => (await import('./pools.ts')).poolsCommand,
  },
  {
    usage: 'pause <id>',
    description: 'pause the schedule of a pipeline, or a backfill',
    load: async () => (await import('./control.ts')).pauseCommand,
  },
  {
    usage: 'resume <id>',
    description: 'let a paused schedule or backfill go on',
    load: async () => (await import('./control.ts')).resumeCommand,
  },
  {
    usage: 'concurrency <backfill> <runs>',
    description: 'let a backfill that is going on run more, or fewer, intervals at the same time',
    load: async () => (await import('./control.ts')).concurrencyCommand,
  },
  {
    usage: 'sql <statement>',
    description: 'query the warehouse, with or without a running stack',
    load: async () => (await import('./sql.ts')).sqlCommand,
  },
  {
    usage: 'warehouse',
    description: 'care for the tables of the warehouse, and tell what a query costs there',
    load: async () => (await import('./warehouse.ts')).warehouseCommand,
  },
  {
    usage: 'dashboards',
    description: 'list, build, verify, export and serve the pages that runs publish',
    load: async () => (await import('./dashboards.ts')).dashboardsCommand,
  },
  {
    usage: 'lineage <pipeline> [of]',
    description:
      'what is made of what, from the columns of the source to the panels of dashboards; or around a table, a column or a panel',
    load: async () => (await import('./lineage.ts')).lineageCommand,
  },
  {
    usage: 'lake',
    description: 'look at the lake, and collect what is no longer current',
    load: async () => (await import('./lake.ts')).lakeCommand,
  },
  {
    usage: 'source',
    description: 'streams of changes: what sources keep for us; drop one',
    load: async () => (await import('./source.ts')).sourceCommand,
  },
  {
    usage: 'seed',
    description:
      'fill the demo source database: generated rows, or real CSV files; or move it on by some days',
    load: async () => (await import('./seed.ts')).seedCommand,
  },
  {
    usage: 'doctor',
    description: 'look at everything a run needs, and say what is missing',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    usage: 'completion',
    description: 'what a shell needs to complete words of this command',
    load: async () => {
      const { completionCommand } = await import('./completion.ts');
      return (command) => completionCommand(command, commands);
    },
  },
  {
    usage: 'worker',
    description: 'run a worker in the foreground (what the container runs)',
    load: async () => (await import('./worker.ts')).workerCommand,
  },
];

/** Makes every command known to the program; the one that is used gets its options and action before its words are parsed. */
export function addCommands(program: Command): void {
  const loads = new Map<Command, CommandEntry['load']>();
  for (const { usage, description, load } of commands)
    loads.set(program.command(usage).description(description), load);
  program.hook('preSubcommand', async (_program, command) => {
    const load = loads.get(command);
    if (load) (await load())(command);
  });
}

import { CommanderError, program } from 'commander';
import { InvalidInput, PipelineError, PipelineUnknown, TableUnknown, messageOf } from '../core/errors.ts';
import { addCommands } from './commands/index.ts';
import { allowClosedOutput, failureDocument } from './output.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

program
  .name('sluice')
  .description('Self-hosted ELT: pipelines are data, Temporal runs them')
  .version('0.1.0')
  .option(
    '-p, --profile <name>',
    'a file of profiles/, or a path to one',
    process.env['SLUICE_PROFILE'] ?? 'embedded',
  )
  .option('--json', 'one JSON document on standard output, for machines', false)
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

addCommands(program);
allowClosedOutput();

// A hook of the embedded PostgreSQL's package ends every process with 0 once nothing is left to do; this one comes first.
process.prependListener('beforeExit', () => process.exit());
process.exitCode = await run();

async function run(): Promise<number> {
  try {
    await program.parseAsync();
    return process.exitCode === undefined ? DONE : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    process.stderr.write(`sluice: ${explain(error)}\n`);
    if (program.opts<{ json: boolean }>().json && error instanceof Error) failureDocument(error);
    const usage =
      error instanceof InvalidInput || error instanceof PipelineUnknown || error instanceof TableUnknown;
    return usage ? WRONG_USAGE : FAILED;
  } finally {
    // What was under way beside it, a look that is tried again, finds its connections closed, and nobody listens any more.
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => undefined);
  }
}

/** Errors of ours say all there is to say; anything else is a defect, and its stack is what helps. */
function explain(error: unknown): string {
  if (error instanceof PipelineError || !(error instanceof Error)) return messageOf(error);
  return process.env['SLUICE_DEBUG']
    ? (error.stack ?? error.message)
    : `${error.message} (SLUICE_DEBUG=1 shows where)`;
}

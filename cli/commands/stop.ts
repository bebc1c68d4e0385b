import type { Command } from 'commander';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { endLeftovers } from '../embedded/leftovers.ts';
import { lock } from '../embedded/lock.ts';
import { ended, signal } from '../embedded/processes.ts';
import { homeLock } from '../embedded/stack.ts';
import { readState, runningState } from '../embedded/state.ts';
import { example, invocation } from './globals.ts';

interface StopOptions {
  readonly leftovers?: boolean;
}

const TIMEOUT_MS = 90_000;

export function stopCommand(command: Command): void {
  command
    .option('--leftovers', 'only what a killed one has left')
    .addHelpText('after', example('sluice stop'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation<StopOptions>(command);
      if (!runsOwnStack(options.profile, process.env))
        throw new InvalidInput('The command line', [
          `--profile: '${options.profile}' runs elsewhere; take embedded or aws-local.`,
        ]);
      const home = homeFolder(process.env, options.profile);
      const owner = options.leftovers ? undefined : runningState(home);
      if (owner) {
        signal(owner, 'SIGTERM');
        if (!(await ended(owner, TIMEOUT_MS)))
          throw new TerminalError(
            `Process ${owner.pid}, which runs the stack on ${home}, has not ended after ${TIMEOUT_MS / 1000} s. Look at ${home}/logs, or end it with kill -9.`,
          );
      }
      const left = readState(home) !== undefined;
      if (left) await endWhatIsLeft(home, (line) => output.progress(line));
      output.result(
        { home, stopped: owner !== undefined || left },
        owner || left ? `stopped ${home}` : `nothing runs on ${home}`,
      );
    });
}

async function endWhatIsLeft(home: string, say: (line: string) => void): Promise<void> {
  const release = await lock(homeLock(home), new AbortController().signal, ({ pid }) =>
    say(`waiting for process ${pid}, which starts or ends a stack on ${home}`),
  );
  try {
    await endLeftovers(home);
  } finally {
    release();
  }
}

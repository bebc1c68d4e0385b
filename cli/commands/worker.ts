import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT } from '../../profiles/project.ts';
import { ROOT } from '../embedded/home.ts';
import { example, invocation } from './globals.ts';

export function workerCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice worker --profile compose'))
    .action(async (_options: unknown, command: Command) => {
      const { options } = invocation(command);
      const worker = spawn(process.execPath, [join(ROOT, 'bin', 'worker')], {
        cwd: PROJECT,
        stdio: 'inherit',
        env: { ...process.env, SLUICE_PROFILE: options.profile },
      });
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => worker.kill(signal));
      process.exitCode = await new Promise<number>((resolve) =>
        worker.once('exit', (code) => resolve(code ?? 1)),
      );
    });
}

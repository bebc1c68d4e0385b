import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ENGINE, PROJECT } from '../../profiles/project.ts';
import { example } from './globals.ts';

export function setupCommand(command: Command): void {
  command.addHelpText('after', example('sluice setup')).action(async () => {
    const child = spawn(process.execPath, [join(ENGINE, 'setup.mjs')], {
      cwd: PROJECT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    process.exitCode = await new Promise<number>((resolve) =>
      child.once('exit', (code) => resolve(code ?? 1)),
    );
  });
}

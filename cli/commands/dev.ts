import type { Command } from 'commander';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { openStack } from '../embedded/stack.ts';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { withSession } from '../session.ts';
import { deploy } from './deploy.ts';
import { example, invocation } from './globals.ts';

export function devCommand(command: Command): void {
  command
    .addHelpText(
      'after',
      example('sluice dev', 'SLUICE_HOME=/tmp/other sluice dev   # a second one beside it'),
    )
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const stopped = new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
      });
      if (!runsOwnStack(options.profile, process.env))
        throw new InvalidInput('The command line', [
          `--profile: '${options.profile}' runs elsewhere; take embedded or aws-local.`,
        ]);
      const home = homeFolder(process.env, options.profile);
      const stack = await openStack(options.profile, (what) => output.progress(what));
      if (stack.attached)
        throw new TerminalError(
          `A stack already runs on ${home} (process ${stack.state.pid}). Stop it, or set SLUICE_HOME to another folder.`,
        );
      try {
        await withSession({ ...options, json: false }, output, deploy);
        const { uiPort, temporalPort, postgresPort, metricsPort } = stack.state;
        output.result(
          stack.state,
          [
            `Temporal Web UI  http://127.0.0.1:${uiPort}`,
            `Temporal         127.0.0.1:${temporalPort}`,
            `PostgreSQL       127.0.0.1:${postgresPort} (user sluice, password in ${home}/postgres-password)`,
            `metrics          http://127.0.0.1:${metricsPort}/metrics`,
            `logs             ${home}/logs`,
            `Ctrl-C stops it all.`,
          ].join('\n'),
        );
        await stopped;
        output.progress('stopping');
      } finally {
        await stack.stop();
      }
    });
}

import type { Command } from 'commander';
import { registry } from '../../pipelines/index.ts';
import { TerminalError } from '../../core/errors.ts';
import { withStores } from '../session.ts';
import { example, invocation } from './globals.ts';

export function validateCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice validate --profile compose'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const { connections } = await withStores(options, output, (profile) => Promise.resolve(profile));
      const unknown = [...registry.values()].filter(({ source }) => !(source in connections));
      if (unknown.length) {
        throw new TerminalError(
          unknown
            .map(
              ({ name, source }) =>
                `Pipeline '${name}' reads connection '${source}', which profile '${options.profile}' does not have. Add it under 'connections'.`,
            )
            .join('\n'),
        );
      }
      const pipelines = [...registry.values()].map(({ name, tables }) => ({ name, tables: tables.length }));
      output.result(
        { profile: options.profile, pipelines },
        pipelines.map(({ name, tables }) => `${name}: ${tables} tables, valid`).join('\n'),
      );
    });
}

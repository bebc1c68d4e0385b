import type { Command } from 'commander';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { openStack } from '../embedded/stack.ts';
import type { StackState } from '../embedded/state.ts';
import { interruptible, whenEnding } from '../interruption.ts';
import { thenCleanUp } from '../../core/clean-up.ts';
import { InvalidInput, messageOf, TerminalError } from '../../core/errors.ts';
import { changeText } from '../schedules.ts';
import { withSession } from '../session.ts';
import { definitionFiles, sluiceAnew, watchDefinitions } from '../watch-definitions.ts';
import { deploy, sayWhatIsLeftOut } from './deploy.ts';
import { example, invocation } from './globals.ts';

export function devCommand(command: Command): void {
  command
    .addHelpText(
      'after',
      example('sluice dev', 'SLUICE_HOME=/tmp/other sluice dev   # a second one beside it'),
    )
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      if (!runsOwnStack(options.profile, process.env))
        throw new InvalidInput('The command line', [
          `--profile: '${options.profile}' runs elsewhere; take embedded or aws-local.`,
        ]);
      const home = homeFolder(process.env, options.profile);
      await interruptible(async (ending) => {
        output.farewell('stopping');
        ending.addEventListener('abort', () => output.silence());
        const say = (what: string) => output.progress(what);
        const files = definitionFiles();
        const stack = await openStack(options.profile, say, 'all', ending);
        let unwatch = (): void => undefined;
        await thenCleanUp(
          async () => {
            if (stack.attached)
              throw new TerminalError(
                `A stack already runs on ${home} (process ${stack.state.pid}). Stop it with 'sluice stop', or set SLUICE_HOME to another folder.`,
              );
            const changes = await withSession({ ...options, json: false }, output, (session) => {
              sayWhatIsLeftOut(options.profile, session, output);
              return deploy(session);
            });
            for (const each of changes) if (each.change === 'failed') say(changeText(each));
            await stack.servePages().catch((error: unknown) => say(messageOf(error))); // the stack works without
            output.result(stack.state, addresses(home, stack.state));
            unwatch = watchDefinitions(options.profile, files, say, async () => {
              say('pipelines or dashboards have changed: starting the worker again');
              await stack.restartWorker();
              say(await sluiceAnew(options.profile, 'deploy'));
            });
            await whenEnding(ending);
          },
          async () => {
            unwatch();
            await stack.stop();
          },
        );
      });
    });
}

function addresses(
  home: string,
  { pagesPort, uiPort, temporalPort, postgresPort, metricsPort }: StackState,
): string {
  return [
    ...(pagesPort === undefined ? [] : [`Sluice           http://127.0.0.1:${pagesPort}`]),
    `Temporal Web UI  http://127.0.0.1:${uiPort}`,
    `Temporal         127.0.0.1:${temporalPort}`,
    `PostgreSQL       127.0.0.1:${postgresPort} (user sluice, password in ${home}/postgres-password)`,
    `metrics          http://127.0.0.1:${metricsPort}/metrics`,
    `logs             ${home}/logs`,
    `Ctrl-C stops it all.`,
  ].join('\n');
}

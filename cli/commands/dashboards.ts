import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Pages } from '../../connectors/pages/port.ts';
import { thenCleanUp } from '../../core/clean-up.ts';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { hint } from '../../core/hint.ts';
import { dashboards } from '../../dashboards/index.ts';
import { whoAmI } from '../../operations/act.ts';
import { rerun } from '../../operations/rerun.ts';
import { runToPublish } from '../../operations/run-to-publish.ts';
import { verifyDashboard } from '../../operations/verify-dashboard.ts';
import { registry } from '../../pipelines/index.ts';
import { openPages, openWarehouse } from '../../profiles/open.ts';
import type { Profile } from '../../profiles/profile.ts';
import { followRun } from '../follow-run.ts';
import { count, table } from '../output.ts';
import { servePages } from '../serve-pages.ts';
import { withSession, withStores } from '../session.ts';
import { interruptible, whenEnding } from '../interruption.ts';
import { warningLines } from './runs.ts';
import { example, invocation, wholeNumber } from './globals.ts';

export function dashboardsCommand(group: Command): void {
  group
    .command('list')
    .description('what dashboards there are, and how far their data reach')
    .addHelpText('after', example('sluice dashboards list'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const found = await withStores(options, output, async (profile) => {
        const pages = await pagesOf(profile);
        return Promise.all(
          [...dashboards.values()].map(async ({ name, title, pipeline }) => {
            const published = await pages.list(name);
            return {
              name,
              title,
              pipeline,
              upTo: published[0]?.upTo ?? null,
              publications: published.length,
            };
          }),
        );
      });
      for (const { message } of dashboards.broken) output.progress(`left out: ${message}`);
      const rows = found.map((each) => [
        each.name,
        each.title,
        each.pipeline,
        each.upTo ?? 'never published',
        count(each.publications),
      ]);
      output.result(
        found,
        table(['dashboard', 'title', 'pipeline', 'data up to', 'publications'], rows, [4]),
      );
    });
  group
    .command('build [dashboard]')
    .description(
      'publish from the marts as they are now: the run that built them last, from its step pages on',
    )
    .addHelpText('after', example('sluice dashboards build olist-segments'))
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const pipelines = [...new Set(chosen(name).map(({ pipeline }) => pipeline))];
      await withSession(options, output, async (session) => {
        const done: string[] = [];
        for (const pipeline of pipelines) {
          const built = await runToPublish(session, pipeline);
          const handle = await rerun(session, registry, built, { fromStep: 'pages' }, whoAmI());
          await followRun(session, handle, output);
          const steps = await session.ledger.steps([handle.firstExecutionRunId]);
          for (const line of warningLines(steps.filter(({ step }) => step === 'pages')))
            output.progress(line);
          done.push(pipeline);
        }
        output.result({ pipelines: done }, `dashboards of ${done.join(', ')} are published`);
      });
    });
  group
    .command('verify [dashboard]')
    .description('hold every number of the pages against the warehouse as it is now')
    .addHelpText('after', example('sluice dashboards verify'))
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const found = await withStores(options, output, async (profile) => {
        const pages = await pagesOf(profile);
        const warehouse = await openWarehouse(profile);
        const verified = async () => {
          const done = [];
          for (const dashboard of chosen(name))
            done.push(await verifyDashboard(pages, warehouse, dashboard.name));
          return done;
        };
        return thenCleanUp(verified, () => warehouse.close());
      });
      const problems = found.flatMap(({ dashboard, problems }) =>
        problems.map((each) => `${dashboard}: ${each}`),
      );
      if (problems.length) throw new InvalidInput('What the dashboards show', problems);
      const line = ({ dashboard, upTo, numbers, withheld }: (typeof found)[number]) =>
        `${dashboard}: ${count(numbers)} numbers as SQL gives them, data up to ${upTo ?? ''}${withheld.length ? `; withheld: ${withheld.join(', ')}` : ''}`;
      output.result(found, found.map(line).join('\n'));
    });
  group
    .command('export <dashboard>')
    .description('the newest publication in one file, which opens by itself')
    .requiredOption('--to <file>', 'where to write it')
    .addHelpText('after', example('sluice dashboards export olist-segments --to segments.html'))
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ to: string }>(command);
      chosen(name);
      await withStores(options, output, async (profile) => {
        const pages = await pagesOf(profile);
        const [newest] = await pages.list(name);
        if (!newest)
          throw new TerminalError(`Dashboard '${name}' was never published. Run its pipeline first.`);
        const page = await pages.inOneFile(await pages.read(name, newest.path));
        await writeFile(options.to, page);
        output.result(
          { file: options.to, upTo: newest.upTo, bytes: Buffer.byteLength(page) },
          `${options.to}: data up to ${newest.upTo}`,
        );
      });
    });
  group
    .command('gc')
    .description(
      'remove publications that are kept no longer, as the profile says; the newest of each dashboard stays',
    )
    .option('--dry-run', 'say what would be removed')
    .addHelpText('after', example('sluice dashboards gc --dry-run'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation<{ dryRun?: boolean }>(command);
      const dryRun = options.dryRun ?? false;
      const found = await withStores(options, output, async (profile) => {
        const pages = await pagesOf(profile);
        const gone = [];
        for (const name of dashboards.keys())
          for (const { upTo } of await pages.collect(name, { dryRun })) gone.push({ dashboard: name, upTo });
        return gone;
      });
      const verb = dryRun ? 'would remove' : 'removed';
      const lines = found.map(({ dashboard, upTo }) => `${dashboard}: data up to ${upTo}`);
      output.result(found, [`${verb} ${count(found.length)} publications`, ...lines].join('\n'));
    });
  group
    .command('serve')
    .description('serve the published pages on this machine, without a stack')
    .option('--port <port>', 'of 127.0.0.1', wholeNumber, 8089)
    .addHelpText('after', example('sluice dashboards serve --port 8090'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation<{ port: number }>(command);
      await interruptible((ending) =>
        withStores(options, output, async (profile) => {
          const server = await servePages(await pagesOf(profile), options.port, (address) =>
            output.progress(`dashboards on ${address}; Ctrl-C ends`),
          );
          try {
            await whenEnding(ending);
          } finally {
            server.close();
            server.closeAllConnections();
          }
        }),
      );
    });
}

/** All, or the one that is named. @throws {InvalidInput} there is none of that name */
function chosen(name: string | undefined) {
  if (name === undefined) return [...dashboards.values()];
  const found = dashboards.get(name);
  if (found) return [found];
  throw new InvalidInput('The command line', [
    `there is no dashboard '${name}'${hint(name, [...dashboards.keys()])}`,
  ]);
}

async function pagesOf(profile: Profile): Promise<Pages> {
  const pages = await openPages(profile);
  if (pages) return pages;
  throw new TerminalError(
    "The profile says nowhere where dashboards are published. Give it 'dashboards', a folder or a prefix in S3.",
  );
}

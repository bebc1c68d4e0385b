import type { Command } from 'commander';
import type { ChangeStreams, StreamState } from '../../connectors/source/port.ts';
import { thenCleanUp } from '../../core/clean-up.ts';
import { TerminalError } from '../../core/errors.ts';
import { modesMarkedBy } from '../../core/extract-modes.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import { registry } from '../../pipelines/index.ts';
import { act } from '../../operations/act.ts';
import { openWarehouse } from '../../profiles/open.ts';
import type { Profile } from '../../profiles/profile.ts';
import { Sources } from '../../profiles/sources.ts';
import { count, table, type Output } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation } from './globals.ts';

export function sourceCommand(source: Command): void {
  source
    .command('status [connection]')
    .description('streams of changes: what sources keep for us, and how far we are behind')
    .addHelpText('after', example('sluice source status', 'sluice source status shop'))
    .action(async (only: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withLedger(options, output, async ({ profile }) => {
        const names = only === undefined ? connectionsFollowed(profile, output) : [only];
        const streams = await Promise.all(names.map((name) => streamsOf(profile, name)));
        const found = streams.flat();
        const rows = found.map(rowOf);
        output.result(
          found,
          rows.length
            ? table(
                ['connection', 'stream', 'pipeline', 'state', 'kept', 'behind', 'loaded'],
                rows,
                [4, 5, 6],
              )
            : `No table is in mode 'changes' on ${only === undefined ? 'a connection of this profile' : `connection '${only}'`}.`,
        );
      });
    });
  source
    .command('drop <connection> <pipeline>')
    .description(
      'drop the stream of changes of a pipeline; its next run makes it anew and reads merged tables whole',
    )
    .addHelpText('after', example('sluice source drop shop orders'))
    .action(async (connection: string, pipeline: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withLedger(options, output, async (session) => {
        const dropped = await withChanges(session.profile, connection, (changes) => changes.drop(pipeline));
        if (dropped) await act(session, { action: 'drop-stream', pipeline, subject: connection });
        output.result(
          { connection, pipeline, dropped },
          dropped
            ? `dropped the stream of '${pipeline}' on '${connection}'; its next run makes it anew`
            : `'${connection}' has no stream of '${pipeline}'`,
        );
      });
    });
}

type Found = StreamState & {
  readonly connection: string;
  /** Seconds since the table that is furthest behind was last loaded; null where one never was. */
  readonly lagSeconds: number | null;
};

async function streamsOf(profile: Profile, connection: string): Promise<Found[]> {
  const following = [...registry.values()].filter(
    (each) => each.source === connection && followed(each).length,
  );
  const states = await withChanges(profile, connection, (changes) =>
    changes.states(following.map(({ name }) => name)),
  );
  const warehouse = await openWarehouse(profile);
  return thenCleanUp(
    async () => {
      const found: Found[] = [];
      for (const state of states) {
        const pipeline = following.find(({ name }) => name === state.pipeline);
        const loads = await Promise.all(
          (pipeline ? followed(pipeline) : []).map((each) => warehouse.lastLoad(state.pipeline ?? '', each)),
        );
        const times = loads.map((load) => (load ? Date.parse(load.loadedAt) : NaN));
        const oldest = times.length ? Math.min(...times) : NaN;
        const lagSeconds = Number.isNaN(oldest)
          ? null
          : Math.max(0, Math.round((Date.now() - oldest) / 1000));
        found.push({ connection, ...state, lagSeconds });
      }
      return found;
    },
    () => warehouse.close(),
  );
}

function rowOf({ connection, stream, pipeline, slot, lagSeconds }: Found): string[] {
  const bytes = (value: number | null | undefined) => (value == null ? '–' : count(value));
  return [
    connection,
    stream,
    pipeline ?? '(none)',
    stateOf(slot),
    bytes(slot?.retainedBytes),
    bytes(slot?.lagBytes),
    lagSeconds === null ? '–' : `${count(lagSeconds)} s ago`,
  ];
}

function stateOf(slot: StreamState['slot']): string {
  if (!slot) return 'no slot';
  if (slot.wal === 'lost') return `lost${slot.invalidated ? `: ${slot.invalidated}` : ''}`;
  const running = slot.activePid === null ? 'waits' : `read by ${slot.activePid}`;
  return slot.wal === 'unreserved' ? `${running}, about to be lost` : running;
}

/** Those that the profile has; a pipeline of another profile takes no stream out of sight. */
function connectionsFollowed({ connections }: Profile, output: Output): string[] {
  const following = [...registry.values()].filter((each) => followed(each).length);
  const names = [...new Set(following.flatMap(({ source }) => source ?? []))];
  for (const name of names)
    if (!(name in connections))
      output.progress(`left out: connection '${name}', which this profile does not have`);
  return names.filter((name) => name in connections);
}

function followed({ tables }: ResolvedPipeline): string[] {
  const modes = modesMarkedBy('position');
  return tables.filter(({ extract }) => modes.includes(extract.mode)).map(({ name }) => name);
}

async function withChanges<T>(
  profile: Profile,
  connection: string,
  use: (changes: ChangeStreams) => Promise<T>,
): Promise<T> {
  const sources = new Sources(profile);
  return thenCleanUp(
    async () => {
      const { changes } = await sources.get(connection);
      if (!changes) {
        throw new TerminalError(`Connection '${connection}' has no streams of changes: it is no PostgreSQL.`);
      }
      return await use(changes);
    },
    () => sources.close(),
  );
}

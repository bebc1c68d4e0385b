import type { RunRecord } from '../../connectors/ledger/port.ts';
import { scheduleText } from '../../core/cadence.ts';
import { nothingYet } from '../../core/freshness.ts';
import { millisecondsOf } from '../../core/interval.ts';
import type { Standing } from '../../operations/pauses.ts';
import type { Step } from '../../core/run.ts';
import { Badge, CommandLine, Fact, Fresh, Square, Text, Wide, type Tone } from '../marks.tsx';
import type { Acting } from '../acts.tsx';
import { paths } from '../paths.ts';
import { PipelineActs } from './acts.tsx';
import { count, counted, firstLine, intervalLabel, minute, relative, took } from '../words.ts';
import { groupsOf, tickOf } from './axis.ts';
import { MOST_COUNTED, type Column, type GridData } from './data.ts';

type RunColumn = Extract<Column, { run: unknown }>;

const isRun = (column: Column): column is RunColumn => 'run' in column;

/** The grid of a pipeline: a column for each interval, a row for each kind of step. */
export function GridPage({
  data,
  standing,
  now,
  acting,
}: {
  data: GridData;
  /** Undefined where Temporal cannot say. */
  standing: Standing | undefined;
  now: Date;
  acting: Acting;
}) {
  const { name, definition, columns, upTo, freshness, asked, older } = data;
  return (
    <>
      <h1>
        {name} {typeof standing === 'object' && <Badge tone="waiting">paused</Badge>}
      </h1>
      {definition ? (
        <p class="quiet">
          <Text>{definition.description}</Text>
        </p>
      ) : (
        <p class="notice warning">{data.gone}</p>
      )}
      {definition && (
        <dl class="facts">
          <Fact name="Schedule">{scheduleText(definition.schedule)}</Fact>
          <Fact name={definition.tables.length ? 'Data up to' : 'Done up to'}>
            {upTo === undefined ? nothingYet(definition) : `${minute(upTo)}, ${relative(upTo, now)}`}
          </Fact>
          {freshness && definition.freshness && (
            <Fact name="Freshness">
              <Fresh state={freshness.state} />{' '}
              <span class="quiet">
                warn after {definition.freshness.warnAfter}, stale after {definition.freshness.errorAfter}
              </span>
            </Fact>
          )}
          {definition.tables.length > 0 && <Fact name="Tables">{count(definition.tables.length)}</Fact>}
          {definition.dashboards && (
            <Fact name="Dashboards">
              {definition.dashboards.map((name, at) => (
                <>
                  {at > 0 && ', '}
                  <a href={paths.dashboard(name)}>{name}</a>
                </>
              ))}
            </Fact>
          )}
          {(definition.tables.length > 0 || definition.transform) && (
            <Fact name="Lineage">
              <a href={paths.lineage(name)}>from its source to its dashboards</a>
            </Fact>
          )}
          {definition.source !== undefined && (
            <Fact name="Source">
              <Text>{definition.source}</Text>
            </Fact>
          )}
        </dl>
      )}
      {definition && definition.schedule !== 'manual' && (
        <PipelineActs name={name} standing={standing} columns={columns} acting={acting} />
      )}
      <section aria-labelledby="grid">
        <h2 id="grid">
          Intervals{' '}
          <span class="quiet">
            {asked.before === undefined ? 'newest first' : `before ${minute(asked.before)}, newest first`}
          </span>
        </h2>
        {columns.length ? (
          <Wide label={`Intervals of ${name}`}>
            <Grid data={data} now={now} />
          </Wide>
        ) : (
          <p class="quiet">
            No runs yet. <CommandLine>{`sluice run ${name}`}</CommandLine> starts one.
          </p>
        )}
        <nav class="pages" aria-label="Pages of the grid">
          {asked.before !== undefined && <a href={paths.grid(name, { expanded: asked.expanded })}>Newest</a>}
          {older !== null && (
            <a href={paths.grid(name, { before: older, expanded: asked.expanded })}>Older →</a>
          )}
        </nav>
        <Legend />
      </section>
      <Attention columns={columns} />
    </>
  );
}

function Grid({ data, now }: { data: GridData; now: Date }) {
  const { columns, kinds, asked, marks, name } = data;
  const ticks = columns.map(({ interval }) => tickOf(interval));
  return (
    <table class="grid">
      <thead>
        <tr>
          <td></td>
          {groupsOf(ticks).map(({ group, columns }) => (
            <th scope="colgroup" colspan={columns} title={group}>
              <span class={columns > 3 ? '' : 'short'}>{group}</span>
            </th>
          ))}
        </tr>
        <tr>
          <td></td>
          {columns.map((column, at) => (
            <th scope="col" class="tick" title={intervalLabel(column.interval)}>
              {isRun(column) || column.missing === 1 ? ticks[at]?.label : '⋯'}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr class="bars" aria-hidden="true">
          <td class="axis"></td>
          <Bars columns={columns} now={now} />
        </tr>
        <tr>
          <th scope="row">run</th>
          {columns.map((column) => (
            <td>
              <RunCell column={column} now={now} />
            </td>
          ))}
        </tr>
        {kinds.map((kind) => {
          const isOpen = asked.expanded === kind;
          return (
            <>
              <tr>
                <th scope="row">
                  <a
                    id={`kind-${kind}`}
                    class="kind"
                    aria-expanded={isOpen}
                    href={paths.grid(name, { before: asked.before, expanded: isOpen ? undefined : kind })}
                  >
                    {kind} <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
                  </a>
                </th>
                {columns.map((column) => (
                  <td>{isRun(column) && <KindCell column={column} kind={kind} />}</td>
                ))}
              </tr>
              {isOpen &&
                [...marks].map(([table, outcomes]) => (
                  <tr class="one">
                    <th scope="row">
                      <Text>{table || kind}</Text>
                    </th>
                    {columns.map((column) => {
                      const outcome = isRun(column) ? outcomes.get(column.run.runId) : undefined;
                      return (
                        <td>{outcome && <Square tone={outcome} label={`${table || kind}: ${outcome}`} />}</td>
                      );
                    })}
                  </tr>
                ))}
            </>
          );
        })}
      </tbody>
    </table>
  );
}

const BAR = { width: 20, height: 44 };

/** How long each run took, beside the others of the page. */
function Bars({ columns, now }: { columns: readonly Column[]; now: Date }) {
  const lengths = columns.map((column) => (isRun(column) ? lengthOf(column, now) : 0));
  const longest = Math.max(...lengths, 1);
  return (
    <>
      {columns.map((column, at) => {
        const height = Math.max(2, Math.round(((lengths[at] ?? 0) / longest) * BAR.height));
        return (
          <td>
            {isRun(column) && (
              <svg viewBox={`0 0 ${BAR.width} ${BAR.height}`} width={BAR.width} height={BAR.height}>
                <rect
                  class={`bar ${column.run.outcome}`}
                  x="3"
                  y={BAR.height - height}
                  width={BAR.width - 6}
                  height={height}
                  rx="2"
                />
              </svg>
            )}
          </td>
        );
      })}
    </>
  );
}

function lengthOf({ run }: RunColumn, now: Date): number {
  const end = run.finishedAt === null ? now.getTime() : millisecondsOf(run.finishedAt);
  return Math.max(0, end - millisecondsOf(run.startedAt));
}

function RunCell({ column, now }: { column: Column; now: Date }) {
  if (!isRun(column)) return <Square tone="missing" label={missingText(column)} />;
  const { run, lacking, interval } = column;
  const also = lacking.length && run.outcome === 'succeeded' ? `; not loaded: ${lacking.join(', ')}` : '';
  return (
    <Square
      tone={also ? 'warning' : run.outcome}
      href={paths.run(run.workflowId)}
      label={`${intervalLabel(interval)}: ${run.outcome}, ${took(run, now)}, ${run.kind}${also}`}
    />
  );
}

function missingText({ interval, missing, tables }: Exclude<Column, RunColumn>): string {
  const number =
    missing < MOST_COUNTED ? counted(missing, 'interval') : `${count(missing)} intervals or more`;
  if (!tables.length) return `${intervalLabel(interval)}: ${number} not run`;
  const which = tables.length > 3 ? `${tables.length} tables` : tables.join(', ');
  return `${intervalLabel(interval)}: ${number} not loaded (${which})`;
}

function KindCell({ column, kind }: { column: RunColumn; kind: Step }) {
  const found = column.steps[kind];
  if (!found) return null;
  const { succeeded, failed, running, skipped, waiting, rows } = found;
  const tone: Tone = failed
    ? 'failed'
    : waiting.length
      ? 'waiting'
      : running
        ? 'running'
        : succeeded
          ? 'succeeded'
          : 'skipped';
  const parts = [
    succeeded ? `${succeeded} succeeded` : '',
    failed ? `${failed} failed` : '',
    running ? `${running} running` : '',
    skipped ? `${skipped} skipped` : '',
    ...waiting,
    rows ? counted(rows, 'row') : '',
  ];
  return <Square tone={tone} label={`${kind}: ${parts.filter(Boolean).join(', ')}`} />;
}

function Legend() {
  const tones: readonly (readonly [Tone, string])[] = [
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['running', 'running'],
    ['waiting', 'waits'],
    ['skipped', 'skipped'],
    ['cancelled', 'cancelled'],
    ['warning', 'tables lack'],
    ['missing', 'not loaded'],
  ];
  return (
    <ul class="legend" aria-label="What the squares mean">
      {tones.map(([tone, text]) => (
        <li>
          <Square tone={tone} label={text} /> <span aria-hidden="true">{text}</span>
        </li>
      ))}
    </ul>
  );
}

interface Said {
  readonly run: RunRecord;
  readonly tone: 'waiting' | 'failed';
  readonly text: string;
}

const MOST_SAID = 20;

/** What went wrong on this page, and what waits, in words. */
function Attention({ columns }: { columns: readonly Column[] }) {
  const said = columns.filter(isRun).flatMap(({ run, steps }): Said[] => {
    const waits = Object.values(steps).flatMap(({ waiting }) => waiting);
    if (waits.length) return [{ run, tone: 'waiting', text: waits.join('; ') }];
    return run.outcome === 'failed' ? [{ run, tone: 'failed', text: run.error ?? '' }] : [];
  });
  if (!said.length) return null;
  return (
    <section aria-labelledby="said">
      <h2 id="said">What went wrong, what waits</h2>
      <ul class="needs">
        {said.slice(0, MOST_SAID).map(({ run, tone, text }) => (
          <li>
            <Square tone={tone} label={tone} />
            <div>
              <a href={paths.run(run.workflowId)}>{intervalLabel(run.interval)}</a>
              <span class="under">
                <Text>{firstLine(text)}</Text>
              </span>
            </div>
          </li>
        ))}
      </ul>
      {said.length > MOST_SAID && <p class="quiet">and {counted(said.length - MOST_SAID, 'more', 'more')}</p>}
    </section>
  );
}

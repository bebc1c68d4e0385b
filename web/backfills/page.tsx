import type { BackfillRecord, FailedInterval } from '../../connectors/ledger/port.ts';
import type { BackfillProgress } from '../../workflows/backfill/control.ts';
import { Badge, CommandLine, Fact, Square, Text, Wide } from '../marks.tsx';
import { Act, Acts, Line, type Acting } from '../acts.tsx';
import { paths } from '../paths.ts';
import { count, counted, firstLine, intervalLabel, minute, took } from '../words.ts';

const WIDTH = 1_000;

/** Every backfill that the ledger knows, newest first. */
export function BackfillsPage({ backfills, now }: { backfills: readonly BackfillRecord[]; now: Date }) {
  return (
    <>
      <h1>Backfills</h1>
      <section aria-label="All backfills">
        {backfills.length ? (
          <Wide label="Backfills">
            <table class="lines">
              <thead>
                <tr>
                  <th scope="col">Pipeline</th>
                  <th scope="col">Range</th>
                  <th scope="col">Progress</th>
                  <th scope="col">Started</th>
                  <th scope="col" class="num">
                    Took
                  </th>
                </tr>
              </thead>
              <tbody>
                {backfills.map((backfill) => (
                  <tr>
                    <th scope="row">
                      <Square tone={backfill.outcome} label={backfill.outcome} /> {backfill.pipeline}
                    </th>
                    <td>
                      <a href={paths.backfill(backfill.backfillId)}>{intervalLabel(backfill.range)}</a>
                    </td>
                    <td>
                      {count(backfill.succeeded + backfill.failed)} of {counted(backfill.total, 'interval')}
                      {backfill.failed > 0 && `, ${count(backfill.failed)} failed`}
                    </td>
                    <td>{minute(backfill.startedAt)}</td>
                    <td class="num">{took(backfill, now)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        ) : (
          <p class="quiet">
            There was none yet.{' '}
            <CommandLine>sluice backfill PIPELINE --from DATE --to DATE --dry-run</CommandLine> says what one
            would do.
          </p>
        )}
      </section>
    </>
  );
}

/** One backfill: how far it is, how it is steered, what failed. */
export function BackfillPage({
  backfill,
  failures,
  progress,
  now,
  acting,
}: {
  backfill: BackfillRecord;
  failures: readonly FailedInterval[];
  /** Of one that is under way, what it says itself; undefined where nobody answers. */
  progress: BackfillProgress | undefined;
  now: Date;
  acting: Acting;
}) {
  const { pipeline, range, total, succeeded, failed, outcome, request, backfillId } = backfill;
  const share = (n: number) => (total ? (n / total) * WIDTH : 0);
  const isPaused = progress?.paused ?? false;
  return (
    <>
      <p class="crumb">
        <a href={paths.backfills()}>Backfills</a> / <a href={paths.pipeline(pipeline)}>{pipeline}</a>
      </p>
      <h1>
        {intervalLabel(range)}{' '}
        {isPaused ? <Badge tone="waiting">paused</Badge> : <Badge tone={outcome}>{outcome}</Badge>}
      </h1>
      {outcome === 'running' && (
        <BackfillActs
          id={backfillId}
          isPaused={isPaused}
          runs={progress?.concurrency ?? request.concurrency}
          acting={acting}
        />
      )}
      <section aria-labelledby="progress">
        <h2 id="progress">
          {count(succeeded + failed)} of {counted(total, 'interval')}
          {failed > 0 && `, ${count(failed)} failed`}
        </h2>
        <svg
          class="progress"
          viewBox={`0 0 ${WIDTH} 16`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${succeeded} succeeded, ${failed} failed, ${total - succeeded - failed} left`}
        >
          <rect class="rest" width={WIDTH} height="16" />
          <rect class="bar succeeded" width={share(succeeded).toFixed(1)} height="16" />
          <rect
            class="bar failed"
            x={share(succeeded).toFixed(1)}
            width={share(failed).toFixed(1)}
            height="16"
          />
        </svg>
        <dl class="facts">
          <Fact name="Started">{minute(backfill.startedAt)}</Fact>
          <Fact name="Took">{took(backfill, now)}</Fact>
          <Fact name="At a time">{progress?.concurrency ?? request.concurrency}</Fact>
          <Fact name="Which">{request.reprocess}</Fact>
          <Fact name="Models">
            {request.transform === 'once' ? 'once, at the end' : 'with each interval'}
          </Fact>
          <Fact name="Backfill">
            <Text>{backfillId}</Text>
          </Fact>
        </dl>
        {progress && progress.running.length > 0 && (
          <>
            <h3>Running</h3>
            <ul class="plain">
              {progress.running.map((id) => (
                <li>
                  <Square tone="running" label="running" /> <a href={paths.run(id)}>{id}</a>
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      {failures.length > 0 && (
        <section aria-labelledby="failures">
          <h2 id="failures">Did not succeed</h2>
          <ul class="needs">
            {failures.map(({ interval, outcome, error }) => (
              <li>
                <Square tone={outcome} label={outcome} />
                <div>
                  {intervalLabel(interval)}
                  <span class="under">
                    <Text>{firstLine(error ?? outcome)}</Text>
                  </span>
                </div>
              </li>
            ))}
          </ul>
          <p class="quiet">
            The same range again with <CommandLine>--reprocess failed</CommandLine> does what is left.
          </p>
        </section>
      )}
    </>
  );
}

function BackfillActs({
  id,
  isPaused,
  runs,
  acting,
}: {
  id: string;
  isPaused: boolean;
  /** At the same time, now. */
  runs: number;
  acting: Acting;
}) {
  const to = (verb: string) => `${paths.backfill(id)}/${verb}`;
  return (
    <Acts>
      {isPaused ? (
        <Act id="resume" label="Resume" to={to('resume')} acting={acting} cli={`sluice resume ${id}`}>
          Intervals are started again.
        </Act>
      ) : (
        <Act id="pause" label="Pause" to={to('pause')} acting={acting} cli={`sluice pause ${id}`}>
          No further interval is started; what runs goes on.
        </Act>
      )}
      <Act
        id="concurrency"
        label="More or fewer at a time"
        to={to('concurrency')}
        acting={acting}
        cli={`sluice concurrency ${id} ${runs}`}
        fields={<Line id="runs" name="runs" label="At a time" type="number" value={String(runs)} required />}
      >
        Holds for the intervals that are begun from now on.
      </Act>
      <Act
        id="cancel"
        label="Cancel"
        tone="grave"
        to={to('cancel')}
        acting={acting}
        cli={`sluice cancel ${id}`}
      >
        Ends the runs that are under way, and starts no more. What was loaded stays.
      </Act>
    </Acts>
  );
}

import type { BackfillRecord } from '../../connectors/ledger/port.ts';
import { scheduleText } from '../../core/cadence.ts';
import { nothingYet } from '../../core/freshness.ts';
import { stepKey } from '../../core/run.ts';
import { Badge, CommandLine, Fresh, Square, Text, Wide } from '../marks.tsx';
import { paths } from '../paths.ts';
import { counted, firstLine, intervalLabel, minute, relative, took } from '../words.ts';
import type { Need, OverviewData, PipelineLine } from './data.ts';

/** All pipelines, what needs somebody first. */
export function OverviewPage({ data, now }: { data: OverviewData; now: Date }) {
  const { lines, needs, backfills, temporal } = data;
  const underWay = lines.flatMap(({ runs }) => runs.filter(({ outcome }) => outcome === 'running'));
  return (
    <>
      <h1>Pipelines</h1>
      {!temporal && (
        <p class="notice warning">
          Temporal does not answer: nothing new starts, and which pipelines are paused is not known.
        </p>
      )}
      <section aria-labelledby="needs">
        <h2 id="needs">Needs somebody</h2>
        {needs.length ? (
          <ul class="needs">
            {needs.map((need) => (
              <NeedLine need={need} now={now} />
            ))}
          </ul>
        ) : (
          <p class="calm">
            <Square tone="succeeded" label="all is well" /> Nothing. All is as it should be.
          </p>
        )}
      </section>
      {(underWay.length > 0 || backfills.length > 0) && (
        <section aria-labelledby="under-way">
          <h2 id="under-way">Under way</h2>
          <ul class="plain">
            {backfills.map((backfill) => (
              <BackfillLine backfill={backfill} />
            ))}
            {underWay.map((run) => (
              <li>
                <Square tone="running" label="running" />{' '}
                <a href={paths.run(run.workflowId)}>
                  {run.pipeline} {intervalLabel(run.interval)}
                </a>{' '}
                <span class="quiet">
                  {run.kind}, for {took(run, now)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="all">
        <h2 id="all">All pipelines</h2>
        {lines.length ? (
          <Wide label="All pipelines">
            <table class="lines">
              <thead>
                <tr>
                  <th scope="col">Pipeline</th>
                  <th scope="col">Last intervals, newest first</th>
                  <th scope="col">Data up to</th>
                  <th scope="col">Next</th>
                </tr>
              </thead>
              <tbody>
                {lines.map((line) => (
                  <Line line={line} now={now} />
                ))}
              </tbody>
            </table>
          </Wide>
        ) : (
          <p class="quiet">
            There is none yet. <CommandLine>sluice new pipeline NAME</CommandLine> writes the first lines of
            one.
          </p>
        )}
      </section>
    </>
  );
}

function Line({ line, now }: { line: PipelineLine; now: Date }) {
  const { pipeline, definition, runs, upTo, freshness, nextDue, standing } = line;
  const { schedule } = definition;
  return (
    <tr>
      <th scope="row">
        <a href={paths.pipeline(pipeline)}>{pipeline}</a>
        <span class="under">
          <Text>{definition.description}</Text>
        </span>
      </th>
      <td>
        <span class="strip">
          {runs.map((run) => (
            <Square
              tone={run.outcome}
              label={`${intervalLabel(run.interval)}: ${run.outcome}, ${took(run, now)}`}
              href={paths.run(run.workflowId)}
            />
          ))}
          {!runs.length && <span class="quiet">no runs yet</span>}
        </span>
      </td>
      <td>
        {upTo === null ? (
          <span class="quiet">{nothingYet(definition)}</span>
        ) : (
          <time datetime={upTo} title={minute(upTo)}>
            {relative(upTo, now)}
          </time>
        )}
        {freshness && (
          <span class="under">
            <Fresh state={freshness.state} />
          </span>
        )}
      </td>
      <td>
        {typeof standing === 'object' ? (
          <>
            <Badge tone="waiting">paused</Badge>
            {standing.note !== null && <span class="under">{firstLine(standing.note, 60)}</span>}
          </>
        ) : standing === 'not there' ? (
          <>
            <Badge tone="warning">not deployed</Badge>
            <span class="under">nothing starts it by itself</span>
          </>
        ) : nextDue === null ? (
          <span class="quiet">{scheduleText(schedule)}</span>
        ) : (
          <>
            <time datetime={nextDue} title={minute(nextDue)}>
              {relative(nextDue, now)}
            </time>
            <span class="under">{scheduleText(schedule)}</span>
          </>
        )}
      </td>
    </tr>
  );
}

function NeedLine({ need, now }: { need: Need; now: Date }) {
  switch (need.kind) {
    case 'broken':
      return (
        <li>
          <Square tone="failed" label="does not hold" />
          <div>
            <strong>{need.pipeline}</strong> cannot be used as it is written, and does not run.
            <pre>{need.message}</pre>
          </div>
        </li>
      );
    case 'failed': {
      const { run } = need;
      return (
        <li>
          <Square tone="failed" label="failed" />
          <div>
            <a href={paths.run(run.workflowId)}>
              {run.pipeline} {intervalLabel(run.interval)}
            </a>{' '}
            failed{' '}
            <time datetime={run.finishedAt ?? ''}>{relative(run.finishedAt ?? run.startedAt, now)}</time>
            <span class="under">
              <Text>{firstLine(run.error ?? 'No reason was written down.')}</Text>
            </span>
          </div>
        </li>
      );
    }
    case 'waiting': {
      const { step } = need;
      return (
        <li>
          <Square tone="waiting" label="waits" />
          <div>
            <a href={paths.run(step.workflowId)}>
              {step.pipeline} {intervalLabel(step.interval)}
            </a>{' '}
            waits since {relative(step.since, now)} in <strong>{stepKey(step.step, step.table)}</strong>
            <span class="under">
              for <Text>{firstLine(step.waitingFor)}</Text>
            </span>
          </div>
        </li>
      );
    }
    case 'unseen':
      return (
        <li>
          <Square tone="failed" label="cannot be looked at" />
          <div>
            <a href={paths.pipeline(need.pipeline)}>{need.pipeline}</a> could not look for files{' '}
            <time datetime={need.look.lookedAt}>{relative(need.look.lookedAt, now)}</time>
            <span class="under">
              <Text>{firstLine(need.problem)}</Text>
            </span>
          </div>
        </li>
      );
    case 'stale':
      return (
        <li>
          <Square tone={need.state === 'error' ? 'failed' : 'warning'} label="stale" />
          <div>
            <a href={paths.pipeline(need.pipeline)}>{need.pipeline}</a>{' '}
            {need.state === 'error' ? 'is stale' : 'is getting stale'}: its data end {need.age} ago
          </div>
        </li>
      );
  }
}

function BackfillLine({ backfill }: { backfill: BackfillRecord }) {
  const { backfillId, pipeline, range, succeeded, failed, total } = backfill;
  return (
    <li>
      <Square tone="running" label="running" />{' '}
      <a href={paths.backfill(backfillId)}>
        backfill of {pipeline}, {intervalLabel(range)}
      </a>{' '}
      <span class="quiet">
        {succeeded + failed} of {counted(total, 'interval')}
        {failed > 0 && `, ${failed} failed`}
      </span>
    </li>
  );
}

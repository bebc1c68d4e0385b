import { intervalText } from '../../core/interval.ts';
import { Badge, CommandLine, Fact, Square, Text } from '../marks.tsx';
import { paths } from '../paths.ts';
import { counted, intervalLabel, minute, relative, took } from '../words.ts';
import type { Acting } from '../acts.tsx';
import { Answers, RunActs } from './acts.tsx';
import { Dashboards, Loads, Nodes } from './brought.tsx';
import type { RunData, StepLine } from './data.ts';
import { Lines } from './log.tsx';
import { Steps } from './steps.tsx';

const TAIL = 20; // lines of a log that the page of the run shows

/** One run: what went wrong first, then its steps in time, then what they brought. */
export function RunPage({
  data,
  now,
  temporalUi,
  acting,
}: {
  data: RunData;
  now: Date;
  temporalUi: string | undefined;
  /** Absent for a run of a pipeline that is gone: nothing can be done with it. */
  acting: Acting | undefined;
}) {
  const { run, steps, others, nodes, loads } = data;
  const broken = steps.filter(({ step }) => step.outcome === 'failed');
  const waiting = steps.filter(({ waits }) => waits !== undefined);
  return (
    <>
      <p class="crumb">
        <a href={paths.pipeline(run.pipeline)}>{run.pipeline}</a>
      </p>
      <h1>
        {intervalLabel(run.interval)} <Badge tone={run.outcome}>{run.outcome}</Badge>
      </h1>
      <dl class="facts">
        <Fact name="Interval">{intervalText(run.interval).replace('/', ' to ')}</Fact>
        <Fact name="Started">
          {minute(run.startedAt)}, {relative(run.startedAt, now)}
        </Fact>
        <Fact name={run.finishedAt === null ? 'Running for' : 'Took'}>{took(run, now)}</Fact>
        <Fact name="Kind">{run.kind}</Fact>
        {run.backfillId !== null && (
          <Fact name="Backfill">
            <a href={paths.backfill(run.backfillId)}>{run.backfillId}</a>
          </Fact>
        )}
        {acting && (
          <Fact name="Lineage">
            <a href={paths.lineage(run.pipeline)}>of {run.pipeline}, as it is now</a>
          </Fact>
        )}
        <Fact name="Run">
          <Text>{run.workflowId}</Text>
          {temporalUi !== undefined && (
            <>
              {' '}
              <a
                class="out"
                href={`${temporalUi}/workflows/${encodeURIComponent(run.workflowId)}/${encodeURIComponent(run.runId)}`}
                rel="noreferrer"
              >
                in Temporal<span aria-hidden="true"> ↗</span>
              </a>
            </>
          )}
        </Fact>
      </dl>
      {acting && <RunActs run={run} steps={steps} acting={acting} />}
      {run.error !== null && (
        <section class="bad" aria-labelledby="why">
          <h2 id="why">{run.outcome === 'cancelled' ? 'Why it ended' : 'What went wrong'}</h2>
          <pre>
            <Text>{run.error}</Text>
          </pre>
          {run.outcome !== 'cancelled' && (
            <p class="quiet">
              Mend the cause, then run it again: what succeeded is taken over.{' '}
              <CommandLine>{`sluice rerun ${run.workflowId}`}</CommandLine>
            </p>
          )}
          {broken.map((line) => (
            <Tail runId={run.runId} line={line} />
          ))}
        </section>
      )}
      {waiting.length > 0 && (
        <section aria-labelledby="waits">
          <h2 id="waits">Waits</h2>
          <ul class="needs">
            {waiting.map(({ key, step, waits }) => (
              <li>
                <Square tone="waiting" label="waits" />
                <div>
                  <strong>{key}</strong> since {relative(step.startedAt, now)}
                  <span class="under">
                    for <Text>{waits ?? ''}</Text>
                  </span>
                  {acting && waits?.startsWith('approval: ') && (
                    <Answers run={run} step={key} acting={acting} />
                  )}
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {data.warnings.length > 0 && (
        <section aria-labelledby="warnings">
          <h2 id="warnings">To be looked at</h2>
          <ul class="needs">
            {data.warnings.map((warning) => (
              <li>
                <Square tone="warning" label="warning" />
                <div>
                  <Text>{warning}</Text>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        {steps.length ? <Steps data={data} now={now} /> : <p class="quiet">None has begun yet.</p>}
      </section>
      {data.dashboards.length > 0 && <Dashboards lines={data.dashboards} />}
      {nodes.length > 0 && <Nodes nodes={nodes} />}
      {loads.length > 0 && <Loads loads={loads} />}
      {others.length > 0 && (
        <section aria-labelledby="others">
          <h2 id="others">Other runs of this interval</h2>
          <ul class="plain">
            {others.map((other) => (
              <li>
                <Square tone={other.outcome} label={other.outcome} />{' '}
                <a href={paths.run(other.runId)}>{minute(other.startedAt)}</a>{' '}
                <span class="quiet">
                  {other.kind}, {took(other, now)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** The last that a step which failed has written. */
function Tail({ runId, line: { key, step, attempts } }: { runId: string; line: StepLine }) {
  const last = attempts.at(-1);
  if (!last) return null;
  const lines = last.log.slice(-TAIL);
  return (
    <details id={`tail-${key}`}>
      <summary>
        {key}: {counted(attempts.length, 'attempt')}
        {lines.length ? `, its last ${counted(lines.length, 'line')}` : ', which wrote nothing'}
      </summary>
      {step.error !== null && (
        <pre>
          <Text>{step.error}</Text>
        </pre>
      )}
      <Lines lines={lines} />
      <p>
        <a href={paths.log(runId, key)}>All that is kept of {key}</a>
      </p>
    </details>
  );
}

import { inWords } from '../../core/duration.ts';
import { millisecondsOf } from '../../core/interval.ts';
import { noteOf } from '../../operations/step-notes.ts';
import { CommandLine, Square, Text, Wide, type Tone } from '../marks.tsx';
import { paths } from '../paths.ts';
import { count, counted, firstLine, took } from '../words.ts';
import type { RunData, StepLine } from './data.ts';

const MOST_STEPS = 400;

/** The steps in the order of their beginning, each with its attempts where they lie in the time of the run. */
export function Steps({ data: { run, steps, span }, now }: { data: RunData; now: Date }) {
  return (
    <Wide label="Steps in time">
      <table class="lines gantt">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="time">
              {inWords(span.end - span.start)}
            </th>
            <th scope="col" class="num">
              Took
            </th>
            <th scope="col" class="num">
              Rows
            </th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {steps.slice(0, MOST_STEPS).map((line) => {
            const { key, step, attempts } = line;
            return (
              <tr>
                <th scope="row">
                  <Square tone={toneOf(line)} label={toneOf(line)} />{' '}
                  {attempts.length ? <a href={paths.log(run.runId, key)}>{key}</a> : key}
                </th>
                <td class="time">
                  <Timeline line={line} span={span} now={now} />
                </td>
                <td class="num">{step.outcome === 'skipped' ? '' : took(step, now)}</td>
                <td class="num">{step.rows === null ? '' : count(step.rows)}</td>
                <td class="note">
                  {step.attempt > 1 && <span class="quiet">attempt {step.attempt}. </span>}
                  <Text>{firstLine(noteOf(step), 120)}</Text>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {steps.length > MOST_STEPS && (
        <p class="quiet">
          and {counted(steps.length - MOST_STEPS, 'more step')}:{' '}
          <CommandLine>{`sluice runs --run ${run.runId}`}</CommandLine>
        </p>
      )}
    </Wide>
  );
}

function toneOf({ step, waits }: StepLine): Tone {
  return waits === undefined ? step.outcome : 'waiting';
}

const TIME = { width: 1_000, height: 14 };

/** Attempts of a step as bars, from the beginning of the run to its end. */
function Timeline({
  line: { step, attempts, waits },
  span,
  now,
}: {
  line: StepLine;
  span: RunData['span'];
  now: Date;
}) {
  const at = (instant: string | null) => {
    const ms = instant === null ? now.getTime() : millisecondsOf(instant);
    return (
      (Math.min(Math.max(ms - span.start, 0), span.end - span.start) / (span.end - span.start)) * TIME.width
    );
  };
  const told = attempts.map(
    ({ attempt, outcome, ...each }) => `attempt ${attempt} ${outcome} after ${took(each, now)}`,
  );
  return (
    <svg
      class="timeline"
      viewBox={`0 0 ${TIME.width} ${TIME.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={told.join(', ') || step.outcome}
    >
      {attempts.map(({ outcome, startedAt, finishedAt }) => {
        const x = Math.min(at(startedAt), TIME.width - 4);
        return (
          <rect
            class={`bar ${waits === undefined ? outcome : 'waiting'}`}
            x={x.toFixed(1)}
            y="0"
            width={Math.max(4, at(finishedAt) - x).toFixed(1)}
            height={TIME.height}
          />
        );
      })}
    </svg>
  );
}

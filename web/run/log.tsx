import { Badge, CommandLine, Text } from '../marks.tsx';
import { paths } from '../paths.ts';
import { intervalLabel, minute, took } from '../words.ts';
import type { LogData } from './data.ts';

/** Every attempt of one step, with all that is kept of what it wrote. */
export function LogPage({ data: { run, key, attempts }, now }: { data: LogData; now: Date }) {
  return (
    <>
      <p class="crumb">
        <a href={paths.pipeline(run.pipeline)}>{run.pipeline}</a> /{' '}
        <a href={paths.run(run.runId)}>{intervalLabel(run.interval)}</a>
      </p>
      <h1>{key}</h1>
      {attempts.map((each) => (
        <section aria-labelledby={`attempt-${each.attempt}`}>
          <h2 id={`attempt-${each.attempt}`}>
            Attempt {each.attempt} <Badge tone={each.outcome}>{each.outcome}</Badge>{' '}
            <span class="quiet">
              {minute(each.startedAt)}, {took(each, now)}
            </span>
          </h2>
          {each.error !== null && (
            <pre>
              <Text>{each.error}</Text>
            </pre>
          )}
          {each.log.length ? <Lines lines={each.log} /> : <p class="quiet">It has written nothing.</p>}
        </section>
      ))}
      <p class="quiet">
        The last 200 lines of every attempt are kept.{' '}
        <CommandLine>{`sluice logs ${run.workflowId} ${key}`}</CommandLine>
      </p>
    </>
  );
}

/** What a step has written, as it wrote it. */
export function Lines({ lines }: { lines: readonly string[] }) {
  if (!lines.length) return null;
  return (
    <pre class="log" tabindex={0}>
      {lines.join('\n')}
    </pre>
  );
}

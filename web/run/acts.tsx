import type { RunRecord } from '../../connectors/ledger/port.ts';
import { Act, Acts, Choice, Line, type Acting } from '../acts.tsx';
import { paths } from '../paths.ts';
import type { StepLine } from './data.ts';

const MOST_CHOICES = 200; // steps that one can start from, in a list

/** What can be done with a run: ended, or a step of it left out, while it runs, repeated when it has ended. */
export function RunActs({
  run,
  steps,
  acting,
}: {
  run: RunRecord;
  steps: readonly StepLine[];
  acting: Acting;
}) {
  const { workflowId, outcome } = run;
  const to = (verb: string) => `${paths.run(workflowId)}/${verb}`;
  const underWay = steps.filter(({ step }) => step.outcome === 'running').slice(0, MOST_CHOICES);
  if (outcome === 'running')
    return (
      <Acts>
        {underWay.length > 0 && (
          <Act
            id="skip"
            label="Leave a step out"
            tone="grave"
            to={to('skip')}
            acting={acting}
            cli={`sluice skip ${workflowId} STEP --reason "…"`}
            fields={
              <>
                <Choice
                  id="skipped"
                  name="step"
                  label="Which"
                  options={underWay.map(({ key }) => [key, key] as const)}
                />
                <Line id="skip-reason" name="reason" label="Why" required />
              </>
            }
          >
            What it does ends. What follows goes on as after a step that was skipped.
          </Act>
        )}
        <Act
          id="cancel"
          label="Cancel"
          tone="grave"
          to={to('cancel')}
          acting={acting}
          cli={`sluice cancel ${workflowId}`}
        >
          What is half done is cleaned up; what was loaded stays.
        </Act>
      </Acts>
    );
  const isWhole = outcome === 'succeeded';
  const keys = steps
    .slice(0, MOST_CHOICES)
    .map(({ key }) => [`step:${key}`, `${key}, and what follows it`] as const);
  return (
    <Acts>
      <Act
        id="rerun"
        label="Run again"
        to={to('rerun')}
        acting={acting}
        cli={`sluice rerun ${workflowId}`}
        fields={
          <Choice
            id="from"
            name="from"
            label="What of it"
            options={[
              ...(isWhole ? [] : [['', 'what did not succeed'] as const]),
              ['all', 'everything'],
              ...keys,
            ]}
          />
        }
      >
        The same interval, with the same inputs, as a run of its own.
      </Act>
    </Acts>
  );
}

/** A yes or a no for a step that waits for a person. */
export function Answers({ run, step, acting }: { run: RunRecord; step: string; acting: Acting }) {
  const to = `${paths.run(run.workflowId)}/answer`;
  const cli = `sluice approve ${run.workflowId} ${step}`;
  const fields = (verdict: 'approve' | 'reject') => (
    <>
      <input type="hidden" name="step" value={step} />
      <input type="hidden" name="verdict" value={verdict} />
      <Line id={`${verdict}-${step}`} name="reason" label="Why" />
    </>
  );
  return (
    <Acts>
      <Act
        id={`approve-${step}`}
        label="Approve"
        to={to}
        acting={acting}
        cli={cli}
        fields={fields('approve')}
      />
      <Act
        id={`reject-${step}`}
        label="Reject"
        tone="grave"
        to={to}
        acting={acting}
        cli={`${cli} --reject`}
        fields={fields('reject')}
      />
    </Acts>
  );
}

import { Act, Acts, Choice, Line, type Acting } from '../acts.tsx';
import { paths } from '../paths.ts';
import type { Column } from './data.ts';

/** What can be done with a pipeline that has a schedule. */
export function PipelineActs({
  name,
  paused,
  columns,
  acting,
}: {
  name: string;
  paused: boolean | undefined;
  columns: readonly Column[];
  acting: Acting;
}) {
  const gap = columns.find((column) => 'missing' in column)?.interval ?? columns[0]?.interval;
  const to = (verb: string) => `${paths.pipeline(name)}/${verb}`;
  return (
    <Acts>
      <Act
        id="backfill"
        label="Backfill…"
        to={to('backfill')}
        acting={acting}
        cli={`sluice backfill ${name} --from DATE --to DATE --dry-run`}
        fields={
          <>
            <Line id="from" name="from" label="From" value={gap?.start} required />
            <Line id="to" name="to" label="To, exclusive" value={gap?.end} required />
            <Choice
              id="reprocess"
              name="reprocess"
              label="Which intervals"
              options={[
                ['missing', 'those that are not loaded'],
                ['failed', 'these, and those over which a run has failed'],
                ['all', 'all'],
              ]}
            />
            <Line id="concurrency" name="concurrency" label="Runs at a time" value="2" type="number" />
          </>
        }
      >
        Says what it would do first; nothing is started before that is confirmed.
      </Act>
      {paused === false && (
        <Act id="pause" label="Pause" to={to('pause')} acting={acting} cli={`sluice pause ${name}`}>
          Its schedule starts nothing more until it is resumed. What runs goes on.
        </Act>
      )}
      {paused === true && (
        <Act id="resume" label="Resume" to={to('resume')} acting={acting} cli={`sluice resume ${name}`}>
          Its schedule goes on. What fell into the pause is not made up: use a backfill.
        </Act>
      )}
    </Acts>
  );
}

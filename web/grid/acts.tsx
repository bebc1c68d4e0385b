import type { Standing } from '../../operations/pauses.ts';
import { Act, Acts, Choice, Line, type Acting } from '../acts.tsx';
import { CommandLine } from '../marks.tsx';
import { paths } from '../paths.ts';
import type { Column } from './data.ts';

/** What can be done with a pipeline that has a schedule. */
export function PipelineActs({
  name,
  standing,
  columns,
  acting,
}: {
  name: string;
  standing: Standing | undefined;
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
      {standing === 'goes on' && (
        <Act id="pause" label="Pause" to={to('pause')} acting={acting} cli={`sluice pause ${name}`}>
          Its schedule starts nothing more until it is resumed. What runs goes on.
        </Act>
      )}
      {typeof standing === 'object' && (
        <Act id="resume" label="Resume" to={to('resume')} acting={acting} cli={`sluice resume ${name}`}>
          Its schedule goes on. What fell into the pause is not made up: use a backfill.
        </Act>
      )}
      {standing === 'not there' && (
        <p class="quiet">
          There is nothing to pause: Temporal has no schedule of it, so nothing starts it by itself.{' '}
          <CommandLine>sluice deploy</CommandLine> makes one, or says why it leaves the pipeline out.
        </p>
      )}
    </Acts>
  );
}

import type { BackfillPlan } from '../../core/backfill.ts';
import { CommandLine, Square, Text } from '../marks.tsx';
import { paths } from '../paths.ts';
import type { Acting } from '../acts.tsx';
import { count, counted, intervalLabel } from '../words.ts';

const SHOWN = 6; // intervals at either end

/** What a backfill would do, before anybody starts it. */
export function PlanPage({
  plan,
  notes,
  form,
  acting,
}: {
  plan: BackfillPlan;
  notes: readonly string[];
  /** As it was asked for; sent again as it is. */
  form: Readonly<Record<string, string>>;
  acting: Acting;
}) {
  const { request, range, total, intervals, leftOut, finish, runs } = plan;
  const { pipeline, from, to, concurrency, reprocess } = request;
  const shown = runs.length > 2 * SHOWN ? [...runs.slice(0, SHOWN), undefined, ...runs.slice(-SHOWN)] : runs;
  const cli = `sluice backfill ${pipeline} --from ${from} --to ${to} --reprocess ${reprocess} --concurrency ${concurrency}`;
  return (
    <>
      <p class="crumb">
        <a href={paths.pipeline(pipeline)}>{pipeline}</a>
      </p>
      <h1>Backfill {intervalLabel(range)}</h1>
      {notes.map((note) => (
        <p class="notice warning">
          <Text>{note}</Text>
        </p>
      ))}
      <section aria-labelledby="plan">
        <h2 id="plan">
          {total
            ? `It would run ${count(total)} of ${counted(intervals, 'interval')}, ${concurrency} at a time`
            : finish
              ? 'It would run once over the whole range'
              : 'There is nothing to do'}
        </h2>
        {leftOut.loaded > 0 && (
          <p class="quiet">
            Left out: {counted(leftOut.loaded, 'interval')} that are loaded
            {leftOut.failed > 0 && `, over ${count(leftOut.failed)} of which a later run has failed`}.
          </p>
        )}
        <ul class="plain">
          {shown.map((run) =>
            run ? (
              <li>
                <Square tone="missing" label="to be run" /> {intervalLabel(run.interval)}
              </li>
            ) : (
              <li class="quiet">… {count(runs.length - 2 * SHOWN)} more</li>
            ),
          )}
        </ul>
        {(total > 0 || finish) && (
          <form method="post" action={`${paths.pipeline(pipeline)}/backfill`}>
            {Object.entries({ ...form, form: acting.form, sure: 'yes' }).map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            <p>
              <button>Start it</button>
            </p>
          </form>
        )}
        <p class="quiet">
          The same: <CommandLine>{cli}</CommandLine>
        </p>
      </section>
    </>
  );
}

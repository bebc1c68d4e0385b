import type { KnownIncident, NoticesNow } from '../../operations/notices.ts';
import { Badge, CommandLine, Square, Text, Wide, type Tone } from '../marks.tsx';
import { paths } from '../paths.ts';
import { count, minute, relative } from '../words.ts';

const WORDS: Readonly<Record<KnownIncident['kind'], readonly [words: string, tone: Tone]>> = {
  'run-failed': ['failed', 'failed'],
  'run-warned': ['to be looked at', 'warning'],
  stale: ['stale', 'failed'],
  deadline: ['late', 'failed'],
  approval: ['waits for approval', 'waiting'],
};

/** What is not over, who was told of it and when, and what waits for an answer. */
export function NoticesPage({ notices, now }: { notices: NoticesNow; now: Date }) {
  const { receivers, incidents, questions } = notices;
  return (
    <>
      <h1>Notices</h1>
      <p class="quiet">
        {receivers.length ? (
          <>
            Told of what begins and what is over: <Text>{receivers.join(', ')}</Text>.
          </>
        ) : (
          <>
            The profile has no <code>notify</code>: nobody is told of anything, and no incidents are kept.
          </>
        )}{' '}
        <CommandLine>sluice notices</CommandLine>
      </p>
      <section aria-labelledby="open">
        <h2 id="open">
          Not over yet <span class="quiet">{count(incidents.length)}</span>
        </h2>
        {incidents.length ? (
          <Wide label="Incidents that are not over">
            <table class="lines">
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col">Pipeline</th>
                  <th scope="col">Since</th>
                  <th scope="col">Told</th>
                  <th scope="col">Not told yet</th>
                </tr>
              </thead>
              <tbody>
                {incidents.map((incident) => (
                  <Line incident={incident} now={now} />
                ))}
              </tbody>
            </table>
          </Wide>
        ) : (
          <p class="quiet">Nothing is open.</p>
        )}
      </section>
      <section aria-labelledby="questions">
        <h2 id="questions">
          Waiting for an answer <span class="quiet">{count(questions.length)}</span>
        </h2>
        {questions.length === 0 && <p class="quiet">Nothing is asked.</p>}
        <ul class="needs">
          {questions.map(({ pipeline, runId, table: step, since, waitingFor }) => (
            <li>
              <Square tone="waiting" label="waits" />
              <div>
                <a href={paths.run(runId)}>
                  {pipeline} {step}
                </a>{' '}
                since {relative(since, now)}
                <span class="under">
                  <Text>{waitingFor.replace(/^approval: /, '')}</Text>
                </span>
              </div>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Line({ incident, now }: { incident: KnownIncident; now: Date }) {
  const { kind, subject, pipeline, since, upTo, notice, told, untold } = incident;
  const [words, tone] = WORDS[kind];
  const runId = notice && 'runId' in notice ? notice.runId : undefined;
  const what = kind === 'approval' ? subject.replace(/^\S+ /, '') : subject;
  return (
    <tr>
      <td>
        <Badge tone={tone}>{words}</Badge>{' '}
        {runId === undefined ? (
          <Text>{what}</Text>
        ) : (
          <a href={paths.run(runId)}>
            <Text>{what || 'the run'}</Text>
          </a>
        )}
        {upTo !== null && <span class="under quiet">up to {minute(upTo)}</span>}
      </td>
      <td>
        <a href={paths.pipeline(pipeline)}>{pipeline}</a>
      </td>
      <td>
        {minute(since)}, {relative(since, now)}
      </td>
      <td>
        {told.map(({ who, at }) => (
          <span class="under">
            <Text>{who}</Text>
            {at !== null && ` ${minute(at)}`}
          </span>
        ))}
      </td>
      <td>
        {untold.map((who) => (
          <span class="under">
            <Text>{who}</Text>
          </span>
        ))}
      </td>
    </tr>
  );
}

import type { PlaceRecord } from '../../connectors/ledger/port.ts';
import type { Pool } from '../../operations/pools.ts';
import { Badge, Text, Wide } from '../marks.tsx';
import { paths } from '../paths.ts';
import { relative } from '../words.ts';

/** Who holds places of pools, and who waits for one. */
export function PoolsPage({ pools, now }: { pools: readonly Pool[]; now: Date }) {
  return (
    <>
      <h1>Pools</h1>
      {pools.length ? (
        pools.map(({ pool, size, held, waiting }) => (
          <section aria-labelledby={`pool-${pool}`}>
            <h2 id={`pool-${pool}`}>
              <Text>{pool}</Text>{' '}
              <span class="quiet">
                {held.length} of {size ?? 'no limit'}
                {waiting.length > 0 && `, ${waiting.length} wait`}
              </span>
            </h2>
            {held.length + waiting.length ? (
              <Wide label={`Places of ${pool}`}>
                <table class="lines">
                  <thead>
                    <tr>
                      <th scope="col">Place</th>
                      <th scope="col">Step</th>
                      <th scope="col">Run</th>
                      <th scope="col">Since</th>
                      <th scope="col" class="num">
                        Priority
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {[...held, ...waiting].map((place) => (
                      <Place place={place} now={now} />
                    ))}
                  </tbody>
                </table>
              </Wide>
            ) : (
              <p class="quiet">Nobody holds a place.</p>
            )}
          </section>
        ))
      ) : (
        <p class="quiet">
          The profile limits nothing: it has no <code>pools</code>, and no connection has{' '}
          <code>maxConcurrent</code>.
        </p>
      )}
    </>
  );
}

function Place({ place, now }: { place: PlaceRecord; now: Date }) {
  const { step, workflowId, takenAt, askedAt, priority } = place;
  return (
    <tr>
      <td>{takenAt === null ? <Badge tone="waiting">waits</Badge> : <Badge tone="running">holds</Badge>}</td>
      <td>
        <Text>{step}</Text>
      </td>
      <td>
        <a href={paths.run(workflowId)}>{workflowId}</a>
      </td>
      <td>{relative(takenAt ?? askedAt, now)}</td>
      <td class="num">{priority}</td>
    </tr>
  );
}

import { inWords } from '../../core/duration.ts';
import { Square, Text, Wide } from '../marks.tsx';
import { count, counted, firstLine } from '../words.ts';
import { paths } from '../paths.ts';
import type { DashboardLine, DbtNode, LoadLine } from './results.ts';

const MOST_NODES = 200;
const NODE_WIDTH = 160;

/** What dbt has built and tested. */
export function Nodes({ nodes }: { nodes: readonly DbtNode[] }) {
  const longest = Math.max(...nodes.map(({ milliseconds }) => milliseconds), 1);
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">
        dbt{' '}
        <span class="quiet">{counted(nodes.length, 'node')}, what failed and what took longest first</span>
      </h2>
      <details id="all-nodes" open={nodes.some(({ outcome }) => outcome === 'failed')}>
        <summary>Models and tests</summary>
        <Wide label="dbt nodes">
          <table class="lines">
            <tbody>
              {nodes.slice(0, MOST_NODES).map(({ id, milliseconds, outcome, message }) => (
                <tr>
                  <th scope="row">
                    <Square tone={outcome} label={outcome} /> <Text>{id}</Text>
                    {message !== null && outcome !== 'succeeded' && (
                      <span class="under">
                        <Text>{firstLine(message, 300)}</Text>
                      </span>
                    )}
                  </th>
                  <td class="num">{inWords(milliseconds)}</td>
                  <td aria-hidden="true">
                    <svg width={NODE_WIDTH} height="10">
                      <rect
                        class={`bar ${outcome}`}
                        width={Math.max(2, (milliseconds / longest) * NODE_WIDTH).toFixed(0)}
                        height="10"
                        rx="2"
                      />
                    </svg>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </details>
    </section>
  );
}

/** What the run has published for people to look at. */
export function Dashboards({ lines }: { lines: readonly DashboardLine[] }) {
  return (
    <section aria-labelledby="dashboards">
      <h2 id="dashboards">Dashboards</h2>
      <ul class="needs">
        {lines.map(({ name, path, isNew, withheld }) => (
          <li>
            <Square
              tone={withheld.length ? 'warning' : 'succeeded'}
              label={withheld.length ? 'withheld in part' : 'published'}
            />
            <div>
              <a href={paths.published(path)}>{name}</a>
              <span class="under">
                {withheld.length > 0
                  ? `withheld in part: ${withheld.join(', ')} failed`
                  : isNew
                    ? 'published'
                    : 'as it was'}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the loads have brought. */
export function Loads({ loads }: { loads: readonly LoadLine[] }) {
  return (
    <section aria-labelledby="loads">
      <h2 id="loads">
        Loads{' '}
        <span class="quiet">
          {counted(
            loads.reduce((sum, { rows }) => sum + rows, 0),
            'row',
          )}{' '}
          in {counted(loads.length, 'table')}
        </span>
      </h2>
      <details id="all-loads">
        <summary>Tables</summary>
        <Wide label="Loads">
          <table class="lines">
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col" class="num">
                  Rows
                </th>
                <th scope="col" class="num">
                  Deleted before
                </th>
                <th scope="col">Load</th>
                <th scope="col">Note</th>
              </tr>
            </thead>
            <tbody>
              {loads.map(({ table, rows, rowsDeleted, loadId, notes }) => (
                <tr>
                  <th scope="row">
                    <Text>{table}</Text>
                  </th>
                  <td class="num">{count(rows)}</td>
                  <td class="num">{rowsDeleted ? count(rowsDeleted) : ''}</td>
                  <td>
                    <code>{loadId}</code>
                  </td>
                  <td class="note">
                    <Text>{notes.join('; ')}</Text>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </details>
    </section>
  );
}

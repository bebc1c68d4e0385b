import type { KnownLineage } from '../../operations/lineage.ts';
import { LAYERS, type LineageNode } from '../../core/lineage/lineage.ts';
import { CommandLine, Text, Wide } from '../marks.tsx';
import { paths } from '../paths.ts';
import { count, counted, minute, relative } from '../words.ts';
import { HEADINGS, NodeName } from './words.tsx';

/** All of a pipeline's lineage: a table for each layer, in the order in which data go through them. */
export function LineagePage({ known: { lineage, built }, now }: { known: KnownLineage; now: Date }) {
  const { pipeline, nodes } = lineage;
  const readers = new Map<string, number>();
  for (const { from } of nodes) for (const id of from) readers.set(id, (readers.get(id) ?? 0) + 1);
  return (
    <>
      <p class="crumb">
        <a href={paths.pipeline(pipeline)}>{pipeline}</a>
      </p>
      <h1>Lineage</h1>
      <p class="quiet">
        From the tables of the source to the panels of dashboards. A name leads to what it is made of, and to
        what is made of it, column by column. <CommandLine>{`sluice lineage ${pipeline}`}</CommandLine>
      </p>
      {built ? (
        <p class="quiet">
          The models are so since {minute(built.since)}, {relative(built.since, now)}, by{' '}
          <a href={paths.run(built.runId)}>a run</a>.
        </p>
      ) : (
        <p class="notice warning">
          No run has built the models of {pipeline} yet: what lies between its tables and its panels is not
          known. <CommandLine>{`sluice run ${pipeline}`}</CommandLine>
        </p>
      )}
      {LAYERS.map((layer) => {
        const found = nodes.filter((node) => node.layer === layer);
        if (!found.length) return null;
        return (
          <section aria-labelledby={`layer-${layer}`}>
            <h2 id={`layer-${layer}`}>
              {HEADINGS[layer]} <span class="quiet">{count(found.length)}</span>
            </h2>
            <Wide label={HEADINGS[layer]}>
              <table class="lines">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Made of</th>
                    <th scope="col" class="num">
                      Read by
                    </th>
                    <th scope="col">Columns</th>
                  </tr>
                </thead>
                <tbody>
                  {found.map((node) => (
                    <Line node={node} pipeline={pipeline} readers={readers.get(node.id) ?? 0} />
                  ))}
                </tbody>
              </table>
            </Wide>
          </section>
        );
      })}
    </>
  );
}

function Line({ node, pipeline, readers }: { node: LineageNode; pipeline: string; readers: number }) {
  const { id, from, columns } = node;
  return (
    <tr>
      <th scope="row">
        <NodeName node={node} pipeline={pipeline} />
      </th>
      <td>
        {from.map((each, at) => (
          <>
            {at > 0 && ', '}
            <a href={paths.lineage(pipeline, each)}>
              <Text>{each}</Text>
            </a>
          </>
        ))}
      </td>
      <td class="num">{readers}</td>
      <td>
        {columns.length > 0 && (
          <details id={`columns-${id}`}>
            <summary>{counted(columns.length, 'column')}</summary>
            <ul class="plain">
              {columns.map(({ name, type, from: of }) => (
                <li>
                  <a href={paths.lineage(pipeline, `${id}.${name}`)}>
                    <Text>{name}</Text>
                  </a>{' '}
                  <span class="quiet">
                    {type} {of === null && ' (of which columns cannot be told)'}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </td>
    </tr>
  );
}

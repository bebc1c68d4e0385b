import { LAYERS } from '../../core/lineage/lineage.ts';
import type { Trace, TracedNode } from '../../core/lineage/trace.ts';
import { CommandLine, Text } from '../marks.tsx';
import { paths } from '../paths.ts';
import { HEADINGS, NodeName } from './words.tsx';

/** Around a table, a column or a panel: what it is made of, and what is made of it. */
export function TracePage({ trace, pipeline }: { trace: Trace; pipeline: string }) {
  const { of, upstream, downstream } = trace;
  const { node, column } = of;
  const name = `${node.id}${column === undefined ? '' : `.${column}`}`;
  const own = node.columns.find((each) => each.name === column);
  return (
    <>
      <p class="crumb">
        <a href={paths.pipeline(pipeline)}>{pipeline}</a> / <a href={paths.lineage(pipeline)}>Lineage</a>
      </p>
      <h1>
        <Text>{node.layer === 'panel' ? node.title : name}</Text>
      </h1>
      <p class="quiet">
        {column === undefined
          ? ''
          : `A column of ${node.id}${own?.type === undefined ? '' : `, ${own.type}`}. `}
        <CommandLine>{`sluice lineage ${pipeline} ${name}`}</CommandLine>
      </p>
      {own?.from === null && (
        <p class="notice warning">
          Which columns it is made of cannot be told exactly; what follows are the tables that its own is made
          of.
        </p>
      )}
      <Side id="upstream" title="Made of" nodes={upstream} pipeline={pipeline} />
      <Side id="downstream" title="What is made of it" nodes={downstream} pipeline={pipeline} />
      {column === undefined && node.columns.length > 0 && (
        <section aria-labelledby="columns">
          <h2 id="columns">Its columns</h2>
          <ul class="plain">
            {node.columns.map(({ name: each }) => (
              <li>
                <a href={paths.lineage(pipeline, `${node.id}.${each}`)}>
                  <Text>{each}</Text>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Side({
  id,
  title,
  nodes,
  pipeline,
}: {
  id: string;
  title: string;
  nodes: readonly TracedNode[];
  pipeline: string;
}) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {nodes.length === 0 && <p class="quiet">Nothing that is known.</p>}
      {LAYERS.map((layer) => {
        const found = nodes.filter(({ node }) => node.layer === layer);
        if (!found.length) return null;
        return (
          <>
            <h3>{HEADINGS[layer]}</h3>
            <ul class="needs">
              {found.map(({ node, columns }) => (
                <li>
                  <div>
                    <NodeName node={node} pipeline={pipeline} />
                    {columns && (
                      <span class="under">
                        {columns.map((each, at) => (
                          <>
                            {at > 0 && ', '}
                            <a href={paths.lineage(pipeline, `${node.id}.${each}`)}>
                              <Text>{each}</Text>
                            </a>
                          </>
                        ))}
                      </span>
                    )}
                  </div>
                </li>
              ))}
            </ul>
          </>
        );
      })}
    </section>
  );
}

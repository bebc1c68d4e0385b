import type { Layer, LineageNode } from '../../core/lineage/lineage.ts';
import { Text } from '../marks.tsx';
import { paths } from '../paths.ts';

export const HEADINGS: Readonly<Record<Layer, string>> = {
  source: 'Tables of the source',
  bronze: 'In the lake',
  raw: 'As loaded',
  dataset: 'Datasets, which tasks make',
  elsewhere: 'Of other pipelines',
  model: 'Models',
  panel: 'Panels of dashboards',
};

/** A node, with the way to what is around it. */
export function NodeName({ node, pipeline }: { node: LineageNode; pipeline: string }) {
  const { id, layer, title, of } = node;
  return (
    <>
      <a href={paths.lineage(pipeline, id)}>
        <Text>{layer === 'source' || layer === 'bronze' ? id.replace(/^\w+:/, '') : title}</Text>
      </a>
      {layer === 'panel' && of !== undefined && (
        <span class="under">
          of <a href={paths.dashboard(of)}>{of}</a>
        </span>
      )}
      {layer === 'dataset' && (
        <span class="under">
          made by <Text>{of ?? ''}</Text>
        </span>
      )}
      {layer !== 'panel' && layer !== 'dataset' && of !== undefined && (
        <span class="under">
          of <a href={paths.lineage(of)}>{of}</a>
        </span>
      )}
    </>
  );
}

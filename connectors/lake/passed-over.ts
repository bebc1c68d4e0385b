import { modeOf } from '../../core/extract-modes.ts';
import type { Manifest } from '../../core/manifest.ts';

/**
 * Loads of what is new that were never applied, while a newer load of their pipeline and table has been. They never moved the
 * mark, so what they hold was read again by the loads after them: nobody needs them, and their interval may be taken.
 * @param loads of one table
 * @param manifestOf asked for as few loads as will do
 */
export async function passedOver<T extends { readonly loadId: string }>(
  loads: readonly T[],
  applied: ReadonlySet<string>,
  manifestOf: (load: T) => Promise<Manifest>,
): Promise<T[]> {
  const newestFirst = [...loads].sort((a, b) => (a.loadId > b.loadId ? -1 : 1));
  const since = newestFirst.filter(({ loadId }) => applied.has(loadId));
  const found: T[] = [];
  const pipelines = new Map<T, string>();
  const pipelineOf = async (load: T) => {
    const pipeline = pipelines.get(load) ?? (await manifestOf(load)).pipeline;
    pipelines.set(load, pipeline);
    return pipeline;
  };
  const isPassed = async (load: T, pipeline: string) => {
    for (const newer of since) {
      if (newer.loadId < load.loadId) return false;
      if ((await pipelineOf(newer)) === pipeline) return true;
    }
    return false;
  };
  for (const load of newestFirst) {
    if (applied.has(load.loadId) || load.loadId > (since[0]?.loadId ?? '')) continue;
    const manifest = await manifestOf(load);
    if (modeOf(manifest).covers === 'new' && (await isPassed(load, manifest.pipeline))) found.push(load);
  }
  return found;
}

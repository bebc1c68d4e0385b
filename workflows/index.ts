export { backfillPipeline } from './backfill-pipeline.ts';
export { collectLake } from './collect-lake.ts';
export { mapTask } from './map-task.ts';
export { pollFiles } from './poll-files.ts';
export { runPipeline } from './run-pipeline.ts';
export { watchFreshness } from './watch-freshness.ts';

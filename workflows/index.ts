export { backfillPipeline } from './backfill-pipeline.ts';
export { runPipeline } from './run-pipeline.ts';

/** What a project imports: `import { definePipeline } from 'sluice'`. */
export { definePipeline, type PipelineDefinition } from './core/pipeline.ts';
export { defineDashboard, type DashboardDefinition } from './core/dashboards/definition.ts';
export { TransientError, TerminalError } from './core/errors.ts';
export type { TaskContext, TaskFunction } from './connectors/tasks/function.ts';

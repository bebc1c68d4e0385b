import type { ProjectWork, ResolvedTask } from '../../core/tasks.ts';
import type { TaskInput } from './port.ts';

export const SECRET = 'a-secret-nobody-may-read';

/** What a run of the pipeline `shop` gives its tasks. */
export function anInput(fields: Partial<TaskInput> = {}): TaskInput {
  return {
    run: {
      runId: 'r1',
      workflowId: 'shop-1',
      pipeline: 'shop',
      interval: { start: '2024-03-01T00:00:00Z', end: '2024-03-02T00:00:00Z' },
    },
    params: {},
    results: {},
    attempt: 1,
    ...fields,
  };
}

export function aTask(does: ProjectWork, timeout: ResolvedTask['timeout']): ResolvedTask<ProjectWork> {
  return { name: 'task', does, after: [], before: [], when: 'succeeded', timeout, writes: [] };
}

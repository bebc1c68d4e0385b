import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { startOf, type ObjectCreated } from './event.ts';

let connected: Promise<Client> | undefined;

/** Starts the pipeline that a file is for. EventBridge may deliver twice: the second start finds the first. */
export async function handler(event: ObjectCreated): Promise<{ workflowId: string; started: boolean }> {
  const { workflowId, pipeline, file } = startOf(event);
  connected ??= connect();
  const client = await connected;
  try {
    await client.workflow.start('runPipeline', {
      workflowId,
      taskQueue: variable('TEMPORAL_TASK_QUEUE'),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [{ pipeline, params: { file } }],
    });
    return { workflowId, started: true };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, started: false };
    throw error;
  }
}

async function connect(): Promise<Client> {
  const connection = await Connection.connect({ address: variable('TEMPORAL_ADDRESS') });
  return new Client({ connection, namespace: variable('TEMPORAL_NAMESPACE') });
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

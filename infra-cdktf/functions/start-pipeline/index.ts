import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { startOf, type ObjectCreated } from './event.ts';

let connected: Promise<Client> | undefined;

/** Starts the pipeline that a file is for. EventBridge may deliver twice: the second start finds the first. */
export async function handler(event: ObjectCreated): Promise<{ workflowId: string; started: boolean }> {
  const { workflowId, pipeline, file } = startOf(event);
  const client = await connectedClient();
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

/** One connection for all calls; one that could not be made is tried again by the next. */
function connectedClient(): Promise<Client> {
  connected ??= connect().catch((error: unknown) => {
    connected = undefined;
    throw error;
  });
  return connected;
}

async function connect(): Promise<Client> {
  const connection = await Connection.connect({
    address: variable('TEMPORAL_ADDRESS'),
    connectTimeout: '5s',
  });
  return new Client({ connection, namespace: variable('TEMPORAL_NAMESPACE') });
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

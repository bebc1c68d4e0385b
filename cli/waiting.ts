import type { WorkflowHandle } from '@temporalio/client';
import type { Output } from './output.ts';

const LOOK_MS = 3_000;

/** Says of a run that is followed whose interval it waits for, once for each run that is in its way. */
export class WaitsForInterval {
  readonly #output: Output;
  #looked = 0;
  #said = '';

  constructor(output: Output) {
    this.#output = output;
  }

  /** Looks every few seconds, however often it is called. Never throws: it only helps. */
  async look(handle: Pick<WorkflowHandle, 'query'>): Promise<void> {
    const now = Date.now();
    if (now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    // What the Web UI shows of a workflow as its current details.
    const { currentDetails = '' } = await handle
      .query<{ currentDetails?: string }>('__temporal_workflow_metadata')
      .catch(() => ({ currentDetails: '' }));
    if (!/Waiting for it\b[^.]*\.$/.test(currentDetails) || currentDetails === this.#said) return;
    this.#said = currentDetails;
    this.#output.progress(currentDetails);
  }
}

import type { Output } from './output.ts';
import type { Session } from './session.ts';

const LOOK_MS = 5_000;
const PATIENCE_MS = 20_000;
const AGAIN_MS = 60_000;
const SCHEDULED = 1; // PENDING_WORKFLOW_TASK_STATE_SCHEDULED, PENDING_ACTIVITY_STATE_SCHEDULED

interface Pending {
  readonly state?: unknown;
  readonly scheduledTime?: { readonly seconds?: unknown } | null;
  readonly originalScheduledTime?: { readonly seconds?: unknown } | null;
}

/** Says of a workflow that is followed when nobody works on it: that its tasks lie in the queue untaken. */
export class UntakenTasks {
  readonly #session: Session;
  readonly #output: Output;
  #looked = Date.now();
  #said = 0;

  constructor(session: Session, output: Output) {
    this.#session = session;
    this.#output = output;
  }

  /** Looks every few seconds, however often it is called. Never throws: it only helps. */
  async look(workflowIds: readonly string[]): Promise<void> {
    const now = Date.now();
    if (now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    const since = await Promise.all(workflowIds.map((id) => this.#untakenSince(id).catch(() => undefined)));
    const waited = now - Math.min(...since.filter((each) => each !== undefined));
    if (waited < PATIENCE_MS || !Number.isFinite(waited) || now - this.#said < AGAIN_MS) return;
    this.#said = now;
    this.#output.progress(
      `no worker has taken a task from queue '${this.#session.profile.temporal.taskQueue}' for ${Math.round(waited / 1000)} s: none runs, or all have their hands full. ` +
        `Look at the worker's log, or start one with 'sluice worker'; it goes on from here.`,
    );
  }

  async #untakenSince(workflowId: string): Promise<number | undefined> {
    const { raw } = await this.#session.temporal.workflow.getHandle(workflowId).describe();
    const pending: readonly (Pending | null | undefined)[] = [
      raw.pendingWorkflowTask,
      ...(raw.pendingActivities ?? []),
    ];
    const times = pending
      .filter((each) => each?.state === SCHEDULED)
      .map((each) => 1_000 * Number((each?.originalScheduledTime ?? each?.scheduledTime)?.seconds));
    return times.length ? Math.min(...times) : undefined;
  }
}

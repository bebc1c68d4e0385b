import type { RunEvent } from '../../core/lineage/open-lineage.ts';

/** Takes events of lineage. */
export interface LineageSink {
  /**
   * Sends one event, and waits no longer than a few seconds. May be called again: receivers go by run id and type.
   * @throws {TerminalError} it refuses the event, or whoever sends it
   * @throws {TransientError} it could not be reached, or is busy
   */
  send(event: RunEvent): Promise<void>;
}

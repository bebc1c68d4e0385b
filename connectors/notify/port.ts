import type { Notice } from '../../core/notices/notice.ts';

/** Tells people. */
export interface Notify {
  /**
   * Sends one notice. May be called again, and people may then hear it twice: no door here can tell.
   * @throws {TerminalError} the address is wrong, or may not be used
   * @throws {TransientError} it could not be reached
   */
  send(notice: Notice): Promise<void>;
}

/** Somebody who is told of some notices. */
export interface Receiver extends Notify {
  /** Names it over restarts, and holds nothing secret. */
  readonly name: string;
  wants(notice: Notice): boolean;
}

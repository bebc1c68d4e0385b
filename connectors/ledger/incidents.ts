import type { IncidentChanges, OpenIncident } from '../../core/notices/incidents.ts';
import type { Notice } from '../../core/notices/notice.ts';

/** A notice that not everybody has been told of. */
export interface UntoldNotice {
  readonly id: number;
  readonly notice: Notice;
  /** Receivers who have. */
  readonly told: readonly string[];
}

/** The part of the ledger that knows what people are told of. */
export interface Incidents {
  /**
   * Has `decide` say, of the incidents of a pipeline that are not over, what has changed, and puts it down with what is to be told of it:
   * all or nothing, and one after the other. `decide` may be called again.
   */
  changeIncidents(
    pipeline: string,
    decide: (open: readonly OpenIncident[]) => IncidentChanges,
  ): Promise<void>;
  /** Notices of the last day that not everybody has been told of, oldest first. They are the caller's for two minutes. */
  takeNotices(limit: number): Promise<UntoldNotice[]>;
  noticeTold(id: number, receiver: string): Promise<void>;
  /** Gives a notice back: done, or to be told by whoever takes it next. */
  leaveNotice(id: number, isDone: boolean): Promise<void>;
}

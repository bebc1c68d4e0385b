import type { DurationText } from '../../core/duration.ts';
import type { Instant } from '../../core/interval.ts';
import type { IncidentChanges, OpenIncident } from '../../core/notices/incidents.ts';
import type { Notice } from '../../core/notices/notice.ts';

/** A notice that somebody has not been told of. */
export interface UntoldNotice {
  readonly id: number;
  readonly notice: Notice;
}

/** One that is not over, with what was told of its beginning. */
export interface ToldIncident extends OpenIncident {
  readonly pipeline: string;
  /** Null where it was not worth telling, or is gone. */
  readonly notice: Notice | null;
  /** By the receivers' names; `at` is null where it was told before times were put down. */
  readonly told: readonly { readonly receiver: string; readonly at: Instant | null }[];
}

/** The part of the ledger that knows what people are told of. */
export interface Incidents {
  /**
   * Has `decide` say, of the incidents of a pipeline that are not over, what has changed, and puts it down with what is to be told of it:
   * all or nothing, and one after the other. One that begins again while it is not over reaches as far as the later of the two.
   */
  changeIncidents(
    pipeline: string,
    decide: (open: readonly OpenIncident[]) => IncidentChanges,
  ): Promise<void>;
  /** What is not over, by pipeline. */
  openIncidents(): Promise<ReadonlyMap<string, readonly OpenIncident[]>>;
  /** What is not over, the oldest first, and who has been told. */
  toldIncidents(): Promise<readonly ToldIncident[]>;
  /** Ends questions of runs that have ended, and removes what has been over for 30 days. */
  forgetIncidents(): Promise<void>;
  /**
   * The oldest notice of the last day that a receiver has not been told of, if any: the caller's for two minutes.
   * @param about of one pipeline alone, and put down within so long
   */
  takeNotice(
    receiver: string,
    about?: { readonly pipeline: string; readonly within: DurationText },
  ): Promise<UntoldNotice | undefined>;
  /** Gives a notice back. @param told who has been told of it; null: nobody, and it is there to be taken again */
  leaveNotice(id: number, told: string | null): Promise<void>;
}

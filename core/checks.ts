import { z } from 'zod';
import { duration, milliseconds, type DurationText } from './duration.ts';

/** What a check that finds something does: it is told, and the run goes on; or the step fails (default). */
const SEVERITIES = ['warn', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

interface Graded {
  readonly severity?: Severity;
}

/** What is looked at whenever a table is loaded. A new check is a field here, and a file in `activities/checks`. */
export interface TableChecks {
  /** That all rows of a load are in the table when the run ends. Looked at always; `warn` lets the run succeed. */
  readonly landed?: Graded;
  /** That a load has so many rows, or more. */
  readonly minRows?: number | (Graded & { readonly rows: number });
  /**
   * That a load has as many rows as those of the time before its interval make one expect, give or take so much. Rows of an interval
   * are measured by its length. Nothing is compared while loads cover less than half of that time. Not of `incremental` and `changes`.
   */
  readonly volume?: Graded & { readonly within: `${number}%`; readonly of: DurationText };
  /** That the newest row, by the table's cursor, is no older than this at the end of the run's interval. */
  readonly freshness?: Graded & { readonly maxAge: DurationText };
}

const severity = z.enum(SEVERITIES).default('error');
const rows = z.int().nonnegative();
const span = duration.refine((text) => milliseconds(text) > 0, 'must be a second at least');

/** Why a table that reads what is new has no volume to be compared. */
export const NEW_HAS_NO_TIME =
  'what is new is read up to the moment of the run, however long nothing has run: its rows are of no set time';

/** A number alone is of severity `error`. Anything else is for the object to judge, in its own words. */
const minRows = z.preprocess(
  (written) => (typeof written === 'number' ? { rows: written } : written),
  z.strictObject({ rows, severity }),
);

export const tableChecks = z.strictObject({
  landed: z.exactOptional(z.strictObject({ severity })),
  minRows: z.exactOptional(minRows),
  volume: z.exactOptional(
    z.strictObject({
      within: z.string().regex(/^(?!0+(\.0+)?%)\d{1,6}(\.\d{1,3})?%$/, `must be a share like '30%'`),
      of: span,
      severity,
    }),
  ),
  freshness: z.exactOptional(z.strictObject({ maxAge: span, severity })),
});

/** With severities filled in. */
export type ResolvedChecks = z.infer<typeof tableChecks>;
export type CheckName = keyof ResolvedChecks;

/** What a check has found. */
export interface Finding {
  readonly check: CheckName;
  readonly severity: Severity;
  /** In words, after the table's name; no values of rows. */
  readonly text: string;
}

import type { CheckName, ResolvedChecks } from '../../core/checks.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import type { RunRef } from '../../core/run.ts';
import type { Ledger } from '../../connectors/ledger/port.ts';

/** A load that is to be looked at, before it is in the warehouse. */
export interface CheckedLoad {
  readonly run: RunRef;
  readonly table: ResolvedTable;
  readonly manifest: Manifest;
  /** Whether the warehouse has its table already. */
  readonly isThere: () => Promise<boolean>;
}

/** What a look may find. */
export type Found =
  | 'good'
  /** What is wrong, and what to do. */
  | { readonly wrong: string }
  /** Why it could not be told. */
  | { readonly untold: string };

/** Looks at a load. May be repeated: of the same load and history it finds the same. */
export type LoadCheck<Name extends CheckName> = (
  load: CheckedLoad,
  settings: NonNullable<ResolvedChecks[Name]>,
  ledger: Pick<Ledger, 'loadsBefore'>,
) => Promise<Found>;

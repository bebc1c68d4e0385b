import type { Instant } from '../../core/interval.ts';
import type { BuiltModels } from '../../core/lineage/models.ts';

/** What models of a pipeline are made of, since when, and by which run. */
export interface ModelsRecord {
  readonly runId: string;
  /** When the first build of them as they are was put down. */
  readonly since: Instant;
  readonly models: BuiltModels;
}

/** The part of the ledger that knows what models are made of. */
export interface Models {
  /** Puts down how a pipeline's models were built last; the same again changes nothing. */
  recordModels(
    run: { readonly pipeline: string; readonly runId: string },
    models: BuiltModels,
  ): Promise<void>;
  /** Undefined while none was built. */
  models(pipeline: string): Promise<ModelsRecord | undefined>;
}

import type { BuiltModels, TableColumns } from '../../core/lineage/models.ts';

export interface TransformRequest {
  /** Whose models they are. Builds of one pipeline wait for each other; those of different ones do where the warehouse makes them. */
  readonly pipeline: string;
  /** A dbt node selection: `tag:olist`. */
  readonly select: string;
  /** Unique per run; names the folder of the logs and of the results that a resume reads. */
  readonly runId: string;
  /** Variables that the models read by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** Leave out the nodes that had succeeded in an earlier attempt of this run. */
  readonly resume: boolean;
  readonly onProgress?: (progress: TransformProgress) => void;
}

export interface TransformProgress {
  readonly done: number;
  readonly total: number;
  /** The node that was last heard of. */
  readonly node: string;
  /** The tool's own line of it, without values of rows. */
  readonly text: string;
}

export interface NodeResult {
  /** `model.sluice.fct_orders` */
  readonly id: string;
  readonly kind: 'model' | 'test' | 'unit_test' | 'seed' | 'snapshot' | 'other';
  readonly status: 'success' | 'warn' | 'error' | 'fail' | 'skipped';
  readonly seconds: number;
  readonly rows: number | null;
  /** First lines of dbt's message, without secrets; null on success. */
  readonly message: string | null;
}

export interface TransformResult {
  readonly nodes: readonly NodeResult[];
  /** Ids of models that nothing is built upon and no test looks at. */
  readonly untested: readonly string[];
  /** Of the tool itself: start, parsing, its own queries. */
  readonly seconds: number;
}

/** What models are made of, and what looks at them. */
export interface ModelGraph {
  readonly nodes: readonly {
    /** `model.sluice.fct_orders` */
    readonly id: string;
    readonly schema: string;
    /** Of the table or view. */
    readonly name: string;
    /** Ids of what it reads. */
    readonly from: readonly string[];
  }[];
  readonly checks: readonly {
    readonly id: string;
    /** In words: `unique fct_orders.order_id`. */
    readonly name: string;
    /** Ids of the nodes that it guards. */
    readonly on: readonly string[];
  }[];
}

/** What turns raw tables into marts. */
export interface Transform {
  /**
   * Builds and tests the selected models. May be called again: models are rebuilt or continued, never doubled.
   * On abort the whole process group is ended before the promise settles.
   * @throws {TerminalError} naming the failing nodes: a model does not compile, a test fails; or that nothing is selected
   * @throws {TransientError} the warehouse was busy or could not be reached
   */
  build(request: TransformRequest, signal: AbortSignal): Promise<TransformResult>;
  /** Of the whole project, as it was when this pipeline's models were last built, or is now. @throws {TerminalError} it cannot be read */
  graph(pipeline: string, signal: AbortSignal): Promise<ModelGraph>;
  /**
   * What the models of the newest build are made of, column by column as far as that can be told exactly. Of the whole project.
   * @param columns of the warehouse as it stands
   * @returns undefined where nothing was built here
   */
  models(pipeline: string, columns: TableColumns): Promise<BuiltModels | undefined>;
}

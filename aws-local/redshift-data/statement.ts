import { randomUUID } from 'node:crypto';
import type { Result } from '../redshift-database/session.ts';

export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'ABORTED' | 'FAILED';

/** One statement of a batch, or the only one. */
export interface Part {
  readonly sql: string;
  status: Status;
  error: string | undefined;
  result: Result | undefined;
  startedAt: number;
  updatedAt: number;
}

/** A request to run SQL, from its acceptance on. Kept in memory as long as the stand-in runs. */
export class Statement {
  readonly id = randomUUID();
  readonly createdAt = Date.now();
  readonly parts: readonly Part[];
  readonly batch: boolean;
  readonly autoCommit: boolean;
  readonly name: string | undefined;
  readonly place: Readonly<Record<string, string | undefined>>;
  readonly parameters: ReadonlyMap<string, string>;
  status: Status = 'SUBMITTED';
  error: string | undefined;
  updatedAt = this.createdAt;
  pid = 0;
  cancelled = false;
  #waiting: (() => void)[] = [];

  constructor(options: {
    readonly sqls: readonly string[];
    readonly batch: boolean;
    readonly autoCommit: boolean;
    readonly name: string | undefined;
    readonly place: Readonly<Record<string, string | undefined>>;
    readonly parameters: ReadonlyMap<string, string>;
  }) {
    this.batch = options.batch;
    this.autoCommit = options.autoCommit;
    this.name = options.name;
    this.place = options.place;
    this.parameters = options.parameters;
    this.parts = options.sqls.map((sql) => ({
      sql,
      status: 'SUBMITTED',
      error: undefined,
      result: undefined,
      startedAt: this.createdAt,
      updatedAt: this.createdAt,
    }));
  }

  get isOver(): boolean {
    return this.status === 'FINISHED' || this.status === 'FAILED' || this.status === 'ABORTED';
  }

  become(status: Status, error?: string): void {
    this.status = status;
    this.error = error;
    this.updatedAt = Date.now();
    if (!this.isOver) return;
    for (const wake of this.#waiting) wake();
    this.#waiting = [];
  }

  /** Resolves when the statement is over, or after `ms`. */
  async settled(ms: number): Promise<void> {
    if (this.isOver || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  describe(): Record<string, unknown> {
    const last = this.parts.at(-1);
    return {
      Id: this.id,
      ...this.place,
      Status: this.status,
      Error: this.error,
      CreatedAt: this.createdAt / 1000,
      UpdatedAt: this.updatedAt / 1000,
      Duration: this.isOver ? Math.max(1, this.updatedAt - this.createdAt) * 1_000_000 : -1,
      HasResultSet: this.parts.some((part) => part.result?.columns !== undefined),
      RedshiftPid: this.pid,
      RedshiftQueryId: 0,
      ResultRows: this.isOver && !this.batch ? (last?.result?.count ?? -1) : -1,
      ResultSize: -1,
      QueryString: this.batch ? undefined : this.parts[0]?.sql,
      QueryParameters: this.parameters.size
        ? [...this.parameters].map(([name, value]) => ({ name, value }))
        : undefined,
      ExecutionMode: this.batch ? (this.autoCommit ? 'AUTO_COMMIT' : 'TRANSACTION') : undefined,
      SubStatements: this.batch ? this.parts.map((part, at) => this.#describePart(part, at)) : undefined,
    };
  }

  #describePart(part: Part, at: number): Record<string, unknown> {
    return {
      Id: `${this.id}:${at + 1}`,
      Status: part.status,
      Error: part.error,
      CreatedAt: part.startedAt / 1000,
      UpdatedAt: part.updatedAt / 1000,
      Duration: Math.max(1, part.updatedAt - part.startedAt) * 1_000_000,
      HasResultSet: part.result?.columns !== undefined,
      QueryString: part.sql,
      ResultRows: part.result?.count ?? -1,
      ResultSize: -1,
      RedshiftQueryId: 0,
    };
  }
}

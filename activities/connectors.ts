import type { Happening } from '../core/lineage/open-lineage.ts';
import type { Registry } from '../core/registry.ts';
import type { Dashboard } from '../core/dashboards/resolve.ts';
import type { RunRef } from '../core/run.ts';
import type { Catalog } from '../connectors/catalog/port.ts';
import type { Extractor } from '../connectors/extractor/port.ts';
import type { Files } from '../connectors/files/port.ts';
import type { Lake } from '../connectors/lake/port.ts';
import type { Ledger } from '../connectors/ledger/port.ts';
import type { Metrics } from '../connectors/metrics/port.ts';
import type { Receiver } from '../connectors/notify/port.ts';
import type { Pages } from '../connectors/pages/port.ts';
import type { Source } from '../connectors/source/port.ts';
import type { Tasks } from '../connectors/tasks/port.ts';
import type { Transform } from '../connectors/transform/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';

/** Takes down what steps do. Never fails a step, nor holds it up for long: what cannot be written now is written later. */
export type StepLog = Pick<Ledger, 'startStep' | 'finishStep' | 'writeLog' | 'addToLog'>;

/** Everything the activities act on; the worker chooses the adapters. */
export interface Connectors {
  readonly registry: Registry;
  /** @throws {TerminalError} when the profile has no such connection */
  readonly source: (connection: string) => Promise<Source>;
  /** Whether a connection's tables are all read at once, by an extractor, and not one by one by a source. */
  readonly extractsTogether: (connection: string) => boolean;
  /** @throws {TerminalError} when the connection has none */
  readonly extractor: (connection: string) => Promise<Extractor>;
  readonly lake: Lake;
  readonly files: Files;
  readonly warehouse: Warehouse;
  /** Where datasets are read as tables; absent: nowhere. */
  readonly catalog?: Catalog | undefined;
  readonly transform: Transform;
  readonly tasks: Tasks;
  readonly ledger: Ledger;
  /** Places of pools by name; of connections as `poolOfConnection` calls them. */
  readonly pools: Readonly<Record<string, number>>;
  readonly steps: StepLog;
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  /** Where dashboards are published; absent: nowhere. */
  readonly pages?: Pages | undefined;
  /** Who hears of failed runs and stale pipelines; absent: nobody. */
  readonly notify?: readonly Receiver[] | undefined;
  /** Where numbers go beside the worker's Prometheus endpoint; absent: nowhere. */
  readonly metrics?: Metrics | undefined;
  /** Takes note of what happened to a run that can say nothing itself; absent: nobody takes events of lineage. */
  readonly lineage?: ((happening: Happening) => void) | undefined;
  /** The page of a run in the Web UI; absent: there is none. */
  readonly linkTo?: ((run: RunRef) => string) | undefined;
  /** Names the code that the worker runs; recorded with every run. */
  readonly codeVersion: string;
}

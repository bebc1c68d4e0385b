import type { BackfillRecord, Ledger } from '../connectors/ledger/port.ts';
import { beginStep, endStep } from './own-step.ts';
import { cancellable } from './cancellable.ts';
import { check } from './check.ts';
import { closeRun } from './close-run.ts';
import { collectLake } from './collect-lake.ts';
import type { Connectors } from './connectors.ts';
import { extract } from './extract.ts';
import { extractAll } from './extract-all.ts';
import { countStale, tellStale } from './freshness.ts';
import { load } from './load.ts';
import { lookFor } from './look-for.ts';
import { evictLost } from './lost-runs.ts';
import { openBackfill } from './open-backfill.ts';
import { openRun } from './open-run.ts';
import { awaitPlace, leavePool, takePlace } from './pools.ts';
import { pages } from './pages.ts';
import { publish } from './publish.ts';
import { report } from './report.ts';
import { runElement, runTask } from './run-task.ts';
import { takeFiles } from './take-files.ts';
import { transform } from './transform.ts';

type Rest<F> = F extends (connectors: Connectors, ...rest: infer R) => unknown ? R : never;

/** The verbs, bound to the adapters that a worker has. What they are called here is what histories record. */
export function createActivities(given: Connectors) {
  const connectors = cancellable(given);
  return {
    openRun: (...rest: Rest<typeof openRun>) => openRun(connectors, ...rest),
    closeRun: (...rest: Rest<typeof closeRun>) => closeRun(connectors, ...rest),
    extract: (...rest: Rest<typeof extract>) => extract(connectors, ...rest),
    extractAll: (...rest: Rest<typeof extractAll>) => extractAll(connectors, ...rest),
    load: (...rest: Rest<typeof load>) => load(connectors, ...rest),
    transform: (...rest: Rest<typeof transform>) => transform(connectors, ...rest),
    check: (...rest: Rest<typeof check>) => check(connectors, ...rest),
    publish: (...rest: Rest<typeof publish>) => publish(connectors, ...rest),
    pages: (...rest: Rest<typeof pages>) => pages(connectors, ...rest),
    runTask: (...rest: Rest<typeof runTask>) => runTask(connectors, ...rest),
    runElement: (...rest: Rest<typeof runElement>) => runElement(connectors, ...rest),
    lookFor: (...rest: Rest<typeof lookFor>) => lookFor(connectors, ...rest),
    takePlace: (...rest: Rest<typeof takePlace>) => takePlace(connectors, ...rest),
    awaitPlace: (...rest: Rest<typeof awaitPlace>) => awaitPlace(connectors, ...rest),
    leavePool: (...rest: Rest<typeof leavePool>) => leavePool(connectors, ...rest),
    beginStep: (...rest: Rest<typeof beginStep>) => beginStep(connectors, ...rest),
    endStep: (...rest: Rest<typeof endStep>) => endStep(connectors, ...rest),
    skipStep: (...rest: Parameters<Ledger['skipStep']>) => connectors.ledger.skipStep(...rest),
    report: (...rest: Rest<typeof report>) => report(connectors, ...rest),
    evictLost: (...rest: Rest<typeof evictLost>) => evictLost(connectors, ...rest),
    countStale: (...rest: Rest<typeof countStale>) => countStale(connectors, ...rest),
    collectLake: (...rest: Rest<typeof collectLake>) => collectLake(connectors, ...rest),
    tellStale: (...rest: Rest<typeof tellStale>) => tellStale(connectors, ...rest),
    openBackfill: (...rest: Rest<typeof openBackfill>) => openBackfill(connectors, ...rest),
    takeFiles: (...rest: Rest<typeof takeFiles>) => takeFiles(connectors, ...rest),
    plannedIntervals: (...rest: Parameters<Ledger['plannedIntervals']>) =>
      connectors.ledger.plannedIntervals(...rest),
    endInterval: (...rest: Parameters<Ledger['endInterval']>) => connectors.ledger.endInterval(...rest),
    recordBackfill: (backfillId: string, state: Pick<BackfillRecord, 'succeeded' | 'failed' | 'outcome'>) =>
      connectors.ledger.updateBackfill(backfillId, state),
  };
}

export type Activities = ReturnType<typeof createActivities>;

import { Context } from '@temporalio/activity';
import { caredTables } from '../core/cared-tables.ts';
import type { RunRef } from '../core/run.ts';
import type { CareWork, TaskResult } from '../core/tasks.ts';
import type { CareDone } from '../connectors/warehouse/port.ts';
import type { Connectors } from './connectors.ts';
import { report } from './heartbeat.ts';
import { say } from './step-lines.ts';

const TOLD = 200; // steps of a result, which travels through histories

/** Cares for the tables of a run's pipeline. A later attempt finds what an earlier one has done, and does the rest. */
export async function care({ warehouse }: Connectors, run: RunRef, { care }: CareWork): Promise<TaskResult> {
  const done = await warehouse.care(
    { ...caredTables(run.pipeline, care), limits: care.limits, dryRun: false },
    Context.current().cancellationSignal,
    (step) => report(say(lineOf(step))),
  );
  for (const { schema, table, why } of done.passedOver) say(`${schema}.${table}: ${why}`);
  return {
    output: {
      looked: done.looked,
      done: done.steps.slice(0, TOLD).map(({ schema, table, does, seconds }) => ({
        table: table ? `${schema}.${table}` : null,
        does,
        seconds,
      })),
      more: Math.max(0, done.steps.length - TOLD),
    },
  };
}

function lineOf({ schema, table, does, why, seconds, after }: CareDone): string {
  const took = seconds === null ? '' : `, ${seconds.toFixed(1)} s`;
  return `${table ? `${schema}.${table}: ` : ''}${does}${took}: ${why}${after === null ? '' : `; now ${after}`}`;
}

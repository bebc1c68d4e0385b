import type { Command } from 'commander';
import { addBackfill } from './backfill.ts';
import { addDemo } from './demo.ts';
import { addDeploy } from './deploy.ts';
import { addDev } from './dev.ts';
import { addDoctor } from './doctor.ts';
import { addLake } from './lake.ts';
import { addCancel, addPause, addResume } from './control.ts';
import { addRerun } from './rerun.ts';
import { addRun } from './run.ts';
import { addRuns } from './runs.ts';
import { addSeed } from './seed.ts';
import { addSql } from './sql.ts';
import { addStatus } from './status.ts';
import { addValidate } from './validate.ts';
import { addWorker } from './worker.ts';

/** Every command, in the order of `sluice --help`. */
export const commands: readonly ((program: Command) => void)[] = [
  addDemo,
  addDev,
  addValidate,
  addDeploy,
  addRun,
  addBackfill,
  addStatus,
  addRuns,
  addRerun,
  addCancel,
  addPause,
  addResume,
  addSql,
  addLake,
  addSeed,
  addDoctor,
  addWorker,
];

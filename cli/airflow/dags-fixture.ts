import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assess, type Assessment, type DagAssessment } from './assess.ts';
import { readDags, type DagFile } from './read.ts';

/** What most DAG files begin with; 18 lines. */
export const HEAD = `from datetime import datetime, timedelta
import pendulum
from airflow import DAG
from airflow.decorators import dag, task, task_group
from airflow.models import Variable
from airflow.models.baseoperator import chain, chain_linear, cross_downstream
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.common.sql.sensors.sql import SqlSensor
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule
START = datetime(2024, 1, 1)

`;
export const HEAD_LINES = HEAD.split('\n').length - 1;

/** Writes files, and reads the folder that they are in. */
export async function readTexts(texts: Readonly<Record<string, string>>): Promise<DagFile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-dags-'));
  try {
    for (const [name, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await readDags(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What becomes of one file, after `HEAD`. */
export async function assessed(text: string): Promise<Assessment> {
  return assess(await readTexts({ 'dag.py': HEAD + text }));
}

/** What becomes of the one DAG of a file. */
export async function oneDag(text: string): Promise<DagAssessment> {
  const { dags } = await assessed(text);
  const [dag] = dags;
  if (!dag || dags.length > 1) throw new Error(`There are ${dags.length} DAGs.`);
  return dag;
}

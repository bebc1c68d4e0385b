import { codeOf, durationText, secondsOf, snake, textOf } from './given.ts';
import { fine, only, type Keywords } from './keywords.ts';
import type { Given } from './read.ts';

const none = (instead: string) => only([null], instead);
/** `{date}` and its like are filled in here, and mean nothing there. */
const placeOf = (value: unknown) => {
  const text = textOf(value);
  return text !== undefined && !/[{}]/.test(text) ? text : undefined;
};

/** https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/sensors/external_task_sensor.html */
export const OF_EXTERNAL_TASK: Keywords = {
  external_dag_id: (value) =>
    placeOf(value) === undefined ? `external_dag_id ${codeOf(value)}: made by Jinja or code` : undefined,
  external_task_id: none(
    "external_task_id: here a wait is for all of the other pipeline's run, not for one task",
  ),
  external_task_ids: none(
    "external_task_ids: here a wait is for all of the other pipeline's run, not for tasks",
  ),
  external_task_group_id: none("external_task_group_id: here a wait is for all of the other pipeline's run"),
  allowed_states: only([null, ['success']], 'allowed_states: the other pipeline has to succeed'),
  skipped_states: only([null, []], 'skipped_states has no equal'),
  failed_states: only(
    [null, []],
    'failed_states: a wait goes on until the other run is done again, or its time is over',
  ),
  execution_delta: none(
    "execution_delta: here a wait is for the same interval; 'waitFor: { sql }' may say another",
  ),
  execution_date_fn: none(
    "execution_date_fn: here a wait is for the same interval; 'waitFor: { sql }' may say another",
  ),
  check_existence: only([true, false], 'check_existence: made by code'),
};

/** https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/_api/airflow/providers/amazon/aws/sensors/s3/index.html */
export const OF_S3_KEY: Keywords = {
  bucket_key: (_value, given) => {
    const key = keyOf(given);
    if (key === undefined)
      return "bucket_key: made by Jinja or code, several, or without a bucket: 'waitFor: { file }' knows {date}, {start}, {end}";
    return /[*?[\]]|\/$/.test(key.slice('s3://'.length))
      ? `bucket_key ${key}: 'waitFor: { file }' reads * as any part of one name, and …/ as all in a folder`
      : undefined;
  },
  bucket_name: fine,
  wildcard_match: only(
    [false, null],
    "wildcard_match: 'waitFor: { file }' reads * as any part of one name, not of several",
  ),
  use_regex: only([false, null], 'use_regex has no equal'),
  check_fn: none('check_fn: a script that ends with 75 until all is there'),
  aws_conn_id: only(['aws_default', null], "aws_conn_id: the worker's own role reads the bucket"),
  verify: none('verify: certificates are always verified'),
};

export function keyOf({ bucket_key: key, bucket_name: bucket }: Given): string | undefined {
  const path = placeOf(key);
  if (path === undefined) return undefined;
  if (path.startsWith('s3://')) return (bucket ?? null) === null ? path : undefined;
  const name = placeOf(bucket);
  return name === undefined ? undefined : `s3://${name}/${path.replace(/^\/+/, '')}`;
}

/** https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/sensors/file.html */
export const OF_FILE: Keywords = {
  filepath: (value) => {
    const path = placeOf(value);
    if (path === undefined)
      return "filepath: made by Jinja or code: 'waitFor: { file }' knows {date}, {start}, {end}";
    if (!path.startsWith('/'))
      return `filepath ${path}: lies below the path of fs_conn_id; write the whole of it`;
    return /[?[\]]|\*\*|\/$/.test(path)
      ? `filepath ${path}: 'waitFor: { file }' reads * as any part of one name, and …/ as all in a folder`
      : undefined;
  },
  fs_conn_id: fine, // of no meaning where the path is whole
  recursive: only([false], "recursive: 'waitFor: { file }' reads * as any part of one name"),
};

/** Airflow's default: https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#default-timeout */
const A_WEEK = 7 * 86_400;

export function waitOf(
  condition: Readonly<Record<string, string>>,
  given: Given,
): Readonly<Record<string, unknown>> {
  const every = durationText(secondsOf(given['poke_interval']));
  return {
    waitFor: condition,
    ...(every === undefined ? {} : { every }),
    timeout: durationText(secondsOf(given['timeout']) ?? A_WEEK),
  };
}

export function pipelineOf({ external_dag_id: dag }: Given): string {
  return snake(String(dag));
}

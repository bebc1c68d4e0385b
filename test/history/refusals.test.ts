import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TransformResult } from '../../connectors/transform/port.ts';
import { openLab, type Lab } from './lab.ts';
import { RAW } from './raw.ts';

const incremental = (more: string) => `{{ config(materialized='incremental'${more}) }}`;
const whole = `, incremental_strategy='history', unique_key='id', on_schema_change='sync_all_columns'`;
const history = (changed = `'updated_at'`, columns = `['a', 'b']`) =>
  `{{ history(source('lab', 'polled'), key='id', columns=${columns}, changed_at=${changed}) }}`;

const MODELS = {
  'lab/marts/_lab.yml': `version: 2
sources:
  - name: lab
    schema: raw_lab
    tables:
      - name: polled
      - name: logged
models:
  - name: twice_at_once
    data_tests: [{ history_is_in_order: { arguments: { key: id, columns: [a, b], changed_at: updated_at } } }]
  - name: gone_back
    data_tests: [{ history_is_in_order: { arguments: { key: id, columns: [a, b], changed_at: updated_at, read_at: _extracted_at } } }]
  - name: without_time
    data_tests: [{ history_is_in_order: { arguments: { key: id, columns: [a, b], changed_at: updated_at } } }]
  - name: key_moved
    data_tests: [{ history_log_is_whole: { arguments: { key: id } } }]
  - name: with_gaps
    data_tests: [{ history_has_no_gaps: { arguments: { key: id } } }]
`,
  'lab/staging/twice_at_once.sql': `select * from {{ source('lab', 'polled') }} where id = 1`,
  'lab/staging/gone_back.sql': `select * from {{ source('lab', 'polled') }} where id = 2`,
  'lab/staging/without_time.sql': `select * from {{ source('lab', 'polled') }} where id = 3`,
  'lab/staging/key_moved.sql': `select * from {{ source('lab', 'logged') }}`,
  'lab/marts/on_twice.sql': `{{ history(ref('twice_at_once'), key='id', columns=['a', 'b']) }}`,
  'lab/marts/with_gaps.sql': `select 1 as id, timestamp '1900-01-01' as valid_from, timestamp '2020-01-01' as valid_to, false as is_current
    union all select 1, timestamp '2020-01-02', timestamp '9999-12-31', true`,
  'lab/marts/no_strategy.sql': `${incremental('')}\n${history()}`,
  'lab/marts/other_key.sql': `${incremental(whole.replace(`'id'`, `'a'`))}\n${history()}`,
  'lab/marts/no_column.sql': history(`'updated_at'`, `['a', 'colour']`),
  'lab/marts/with_zone.sql': history(`'_extracted_at'`),
  'lab/marts/told_where.sql': history(`"_extracted_at at time zone 'UTC'"`),
  'lab/marts/columns_change.sql': `${incremental(whole)}\n${history(`'updated_at'`, `['a', 'b']`)}`,
};

const ROW = `VALUES
  (1, 1, 'x', 'Y', '2020-01-01', NULL, 'l1', '2021-01-01 00:00:00+00', '2021-01-01 00:00:00+00'),
  (1, 2, 'x', 'Y', '2020-01-01', NULL, 'l1', '2021-01-01 00:00:00+00', '2021-01-01 00:00:00+00'),
  (2, 1, 'x', 'Y', '2020-01-02', NULL, 'l1', '2021-01-01 00:00:00+00', '2021-01-01 00:00:00+00'),
  (2, 2, 'x', 'Y', '2020-01-01', NULL, 'l2', '2021-01-02 00:00:00+00', '2021-01-02 00:00:00+00'),
  (3, 1, 'x', 'Y', NULL, NULL, 'l1', '2021-01-01 00:00:00+00', '2021-01-01 00:00:00+00')`;

let lab: Lab;
let nodes: ReadonlyMap<string, TransformResult['nodes'][number]>;
beforeAll(async () => {
  lab = openLab(MODELS);
  await lab.sql(`${RAW}
    INSERT INTO raw_lab.polled ${ROW};
    INSERT INTO raw_lab.logged VALUES (5, 1, NULL, 'U', '01', 1, now(), '["b"]', '00:1', 'l1', now(), now());`);
  const failure = await lab.build().then(
    () => undefined,
    (error: unknown) => error as { detail: { nodes: TransformResult['nodes'] } },
  );
  nodes = new Map((failure?.detail.nodes ?? []).map((node) => [node.id.split('.')[2] ?? '', node]));
}, 300_000);
afterAll(() => lab.close());

describe('what no history can be made of', { timeout: 300_000 }, () => {
  it.each([
    [
      'no_strategy',
      /History no_strategy is incremental: its config has to say incremental_strategy history, unique_key id and on_schema_change/,
    ],
    ['other_key', /History other_key is incremental: its config has to say/],
    ['no_column', /there is no column colour in polled\. It has: id, a, b/],
    ['with_zone', /_extracted_at has a time zone.*give changed_at as _extracted_at at time zone/],
  ])('%s is told before anything is built', (model, says) => {
    expect(nodes.get(model)).toMatchObject({
      status: 'error',
      message: expect.stringMatching(says) as string,
    });
  });

  it.each([
    ['history_is_in_order_twice_at_once', 2],
    ['history_is_in_order_gone_back', 1],
    ['history_is_in_order_without_time', 1],
    ['history_log_is_whole_key_moved', 1],
    ['history_has_no_gaps_with_gaps', 1],
  ])('%s finds the rows', (test, rows) => {
    const found = [...nodes].find(([name]) => name.startsWith(test));
    expect(found?.[1]).toMatchObject({
      status: 'fail',
      message: expect.stringContaining(`Got ${rows} result`) as string,
    });
  });

  it('is not built upon', () => {
    expect(nodes.get('on_twice')).toMatchObject({ status: 'skipped' });
    expect(nodes.get('told_where')).toMatchObject({ status: 'success' });
  });

  it('takes other columns: every key is made anew', async () => {
    const text = `${incremental(whole)}\n${history(`'updated_at'`, `['a', 'active']`)}`;
    lab.write('lab/marts/columns_change.sql', text);
    lab.write('lab/marts/columns_anew.sql', text.replace(incremental(whole), ''));
    await lab.build('columns_change columns_anew');
    const rows = (model: string) =>
      lab.sql(
        `SELECT history_key, id, a, active, valid_from, valid_to FROM lab.${model} WHERE id = 2 ORDER BY valid_from`,
      );
    expect(await rows('columns_change')).toEqual(await rows('columns_anew'));
    expect(await rows('columns_change')).toHaveLength(2);
  });
});

const incremental = `{{ config(materialized='incremental', incremental_strategy='history', unique_key='id', on_schema_change='sync_all_columns') }}`;
const polled = `{{ history(source('lab', 'polled'), key='id', columns=['a', 'b'], changed_at='updated_at', deleted="active = 'N'", order=['updated_at', 'read_at']) }}`;
const logged = `{{ history_of_log(source('lab', 'logged'), key='id', columns=['a', 'b']) }}`;

const tests = (name: string) => `
  - name: ${name}
    columns:
      - name: history_key
        data_tests: [unique, not_null]
    data_tests:
      - history_has_no_gaps:
          arguments: { key: id }`;

/** Each history twice: made anew, and by what has come. */
export const MODELS = {
  'lab/marts/_lab.yml': `version: 2
sources:
  - name: lab
    schema: raw_lab
    tables:
      - name: polled
        data_tests:
          - history_is_in_order:
              arguments: { key: id, columns: [a, b, active], changed_at: updated_at, order: [updated_at, read_at] }
      - name: logged
        data_tests:
          - history_log_is_whole:
              arguments: { key: id }
models:${['polled_anew', 'polled_on', 'logged_anew', 'logged_on'].map(tests).join('')}
`,
  'lab/marts/polled_anew.sql': polled,
  'lab/marts/polled_on.sql': `${incremental}\n${polled}`,
  'lab/marts/logged_anew.sql': logged,
  'lab/marts/logged_on.sql': `${incremental}\n${logged}`,
};

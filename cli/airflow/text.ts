import { scheduleText } from '../../core/cadence.ts';
import type { Assessment, DagAssessment } from './assess.ts';
import type { Verdict } from './mapping.ts';

const MARKS: Readonly<Record<Verdict['kind'], string>> = { maps: '✓', 'own code': '→', no: '✗' };

/** For people. */
export function assessmentText({ dags, unread }: Assessment): string {
  const of = (kind: Verdict['kind']) => dags.filter(({ verdict }) => verdict === kind).length;
  return [
    ...dags.flatMap((dag) => [dagText(dag), '']),
    ...unread.map(
      ({ file, line, what }) =>
        `? ${file}${line === undefined ? '' : `, line ${line}`}: not understood: ${what}`,
    ),
    ...(unread.length ? [''] : []),
    `${dags.length} ${dags.length === 1 ? 'DAG' : 'DAGs'}: ${of('maps')} map whole, ${of('own code')} need code moved into tasks/ or a decision, ${of('no')} use what Sluice has not. Not understood: ${unread.length}.`,
  ].join('\n');
}

function dagText({
  file,
  dag,
  line,
  verdict,
  schedule,
  reasons,
  notes,
  tasks,
  draft,
}: DagAssessment): string {
  return [
    `${MARKS[verdict]} ${dag} (${file}, line ${line}), schedule ${schedule === null ? 'not understood' : scheduleText(schedule)}`,
    ...tasks.map(({ kind, id, operator, line, says, notes: own }) =>
      [
        `  ${MARKS[kind]} ${id} (${operator}, line ${line}): ${says}`,
        ...own.map((note) => `      ${note}`),
      ].join('\n'),
    ),
    ...reasons.map((reason) => `  → ${reason}`),
    ...notes.map((note) => `  ! ${note}`),
    ...(draft
      ? [
          `  pipelines/${draft.name}.ts:`,
          ...draft.text
            .trimEnd()
            .split('\n')
            .map((each) => `    ${each}`.trimEnd()),
        ]
      : []),
  ].join('\n');
}

import { hint } from '../hint.ts';
import type { Dashboard } from './resolve.ts';
import { selectProblems } from './select-check.ts';
import { columnsNamed } from './sql.ts';

/**
 * What a dashboard names that is not there, all of it.
 * @param pipelines names of those there are
 * @param models columns of each model, as far as they are described
 */
export function martProblems(
  { pipeline, data, panels }: Dashboard,
  pipelines: readonly string[],
  models: ReadonlyMap<string, readonly string[]>,
): string[] {
  const known = [...models.keys()];
  return [
    ...(pipelines.includes(pipeline)
      ? []
      : [`pipeline: there is no pipeline '${pipeline}'${hint(pipeline, pipelines)}`]),
    ...Object.entries(data).flatMap(([name, definition]) => {
      const columns = models.get(definition.mart);
      if (!columns)
        return [
          `data.${name}.mart: there is no model '${definition.mart}'${nearest(definition.mart, known)}`,
        ];
      if (!columns.length) return [];
      return columnsNamed(definition)
        .filter(({ column }) => !columns.includes(column))
        .map(
          ({ by, column }) =>
            `data.${name}.${by}: ${definition.mart} has no column '${column}'${hint(column, columns)}`,
        );
    }),
    ...panels.flatMap((panel, at) =>
      panel.kind === 'select'
        ? selectProblems(
            panel.select,
            known.map((model) => `${pipeline}.${model}`),
          ).map((problem) => `panels.${at} ('${panel.title}').select: ${problem}`)
        : [],
    ),
  ];
}

/** A project has many models: only what is near is named. */
function nearest(name: string, known: readonly string[]): string {
  const words = hint(name, known);
  return words.startsWith(';') ? words : '. Its models are in dbt/models.';
}

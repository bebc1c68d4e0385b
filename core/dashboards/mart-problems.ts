import { hint } from '../hint.ts';
import type { Dashboard } from './resolve.ts';
import { selectProblems } from './select-check.ts';
import { columnsNamed, martsOf } from './sql.ts';

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
  // dbt takes a model's name once: a second of it is called after its pipeline, with an alias (dbt/README.md).
  const modelOf = (mart: string) => models.get(`${mart}_${pipeline}`) ?? models.get(mart);
  return [
    ...(pipelines.includes(pipeline)
      ? []
      : [`pipeline: there is no pipeline '${pipeline}'${hint(pipeline, pipelines)}`]),
    ...Object.entries(data).flatMap(([name, definition]) => {
      const missing = martsOf(definition).filter((mart) => !modelOf(mart));
      if (missing.length)
        return missing.map((mart) => `data.${name}.mart: there is no model '${mart}'${nearest(mart, known)}`);
      return columnsNamed(definition).flatMap(({ by, mart, column }) => {
        const columns = modelOf(mart) ?? [];
        if (!columns.length || columns.includes(column)) return [];
        return [`data.${name}.${by}: ${mart} has no column '${column}'${hint(column, columns)}`];
      });
    }),
    ...panels.flatMap((panel, at) =>
      panel.kind === 'select'
        ? selectProblems(
            panel.select,
            known
              .flatMap((model) => [model, model.replace(new RegExp(`_${pipeline}$`), '')])
              .map((model) => `${pipeline}.${model}`),
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

import { STEPS } from '../../core/run.ts';
import { isDefault, placeOf } from './order.ts';
import { snake } from './given.ts';
import type { Dag } from './read.ts';
import type { Timing } from './timing.ts';

/** A definition for a file of `pipelines/`. */
export interface Draft {
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  /** The whole file. */
  readonly text: string;
}

interface Drafted {
  readonly file: string;
  readonly dag: Dag;
  readonly timing: Timing;
  readonly notes: readonly string[];
  /** Definitions by the tasks' ids; empty of those that only keep an order. */
  readonly becomes: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly rules: ReadonlyMap<string, unknown>;
}

/** The file that stands for a DAG of which everything maps. */
export function draftOf({ file, dag, timing, notes, becomes, rules }: Drafted): Draft {
  const name = snake(dag.id);
  const isLeftOut = (id: string) => !Object.keys(becomes.get(id) ?? {}).length && isDefault(rules.get(id));
  const tasks = dag.tasks
    .filter(({ id }) => !isLeftOut(id))
    .map(({ id }) => {
      const { after, when } = placeOf(dag, id, rules.get(id), isLeftOut);
      const does = becomes.get(id) ?? {};
      return [
        stepName(id),
        {
          ...(Object.keys(does).length ? does : { script: ['true'], attempts: 1 }),
          ...(after.length ? { after: after.map(stepName) } : {}),
          ...(when === undefined ? {} : { when }),
        },
      ] as const;
    });
  const { description } = dag.given;
  const definition = {
    name,
    description:
      typeof description === 'string' && description.trim()
        ? description.trim()
        : `What Airflow's DAG '${dag.id}' did`,
    schedule: timing.schedule,
    start: timing.start,
    tasks: Object.fromEntries(tasks),
  };
  return {
    name,
    definition,
    text: fileOf(definition, `Airflow's DAG '${dag.id}' (${file}, line ${dag.line})`, notes),
  };
}

/** A task's name; `load` and the like are steps that every run has. */
function stepName(id: string): string {
  const name = snake(id);
  return STEPS.some((step) => step === name) ? `${name}_task` : name;
}

/** Names of tasks that are the same here. */
export function sameNames(ids: readonly string[]): string[] {
  const names = new Map<string, string>();
  return ids.flatMap((id) => {
    const name = stepName(id);
    const other = names.get(name);
    names.set(name, id);
    return other === undefined ? [] : [`'${other}' and '${id}' would both be called '${name}'`];
  });
}

function fileOf(definition: { readonly name: string }, from: string, notes: readonly string[]): string {
  const comment = [`/**`, ` * From ${from}.`, ...notes.map((note) => ` * ${note}.`), ` */`].map((line) =>
    line.replaceAll('*/', line === ' */' ? '*/' : '*\\/'),
  );
  return [
    `import { definePipeline } from 'sluice';`,
    ``,
    ...comment,
    `export const ${constant(definition.name)} = definePipeline(${source(definition, '')});`,
    ``,
  ].join('\n');
}

/** Names of pipelines have underscores, those of constants none; and are no words of the language. */
function constant(name: string): string {
  const camel = name.replaceAll(/_+(\w?)/g, (_, letter: string) => letter.toUpperCase());
  return RESERVED.test(camel) ? `${camel}Pipeline` : camel;
}

const RESERVED =
  /^(await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|with|yield|arguments|eval|definePipeline)$/;

/** Data as TypeScript has it. */
function source(value: unknown, indent: string): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((each) => source(each, indent)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${/^[a-z_]\w*$/i.test(name) ? name : quoted(name)}: ${source(field, inner)}`);
  const flat = `{ ${fields.join(', ')} }`;
  if (indent && flat.length <= 100 && !flat.includes('\n')) return flat;
  return `{\n${fields.map((field) => `${inner}${field},\n`).join('')}${indent}}`;
}

function quoted(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
  return `'${inner}'`;
}

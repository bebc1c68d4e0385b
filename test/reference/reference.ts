import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { extractMode, modeOf, type ExtractMode } from '../../core/extract-modes.ts';

const CORE = join(import.meta.dirname, '..', '..', 'core');

/** What is shown, in this order: the name of a type in `core/`, and how people call it. */
const SECTIONS = [
  ['PipelineDefinition', 'A pipeline'],
  ['Schedule', 'schedule'],
  ['OnFiles', 'schedule: { onFiles: … }'],
  ['CommonTable', 'A table'],
  ['IntervalExtract', "extract: { mode: 'interval' }"],
  ['IncrementalExtract', "extract: { mode: 'incremental' }"],
  ['SnapshotExtract', "extract: { mode: 'snapshot' }"],
  ['ChangesExtract', "extract: { mode: 'changes' }"],
  ['FilesExtract', "extract: { mode: 'files' }"],
  ['FileColumn', 'A column of files'],
  ['WarehouseLayout', 'warehouse of a table'],
  ['TableChecks', 'checks of a table'],
  ['ParamDefinition', 'A parameter'],
  ['PlacedTask', 'A task: where it stands'],
  ['WorkingTask', 'A task that works, beside that'],
  ['FunctionTask', 'A function'],
  ['ScriptTask', 'A script'],
  ['ContainerTask', 'A container'],
  ['Container', 'container of a task'],
  ['ApprovalTask', 'An approval'],
  ['WaitTask', 'A wait'],
  ['Condition', 'waitFor of a task'],
] as const;

/** The same of dashboards. */
const OF_DASHBOARDS = [
  ['DashboardDefinition', 'A dashboard'],
  ['DataDefinition', 'Its data'],
  ['JoinDefinition', 'A join'],
  ['DimensionDefinition', 'A dimension'],
  ['MeasureDefinition', 'A measure: one of these'],
  ['MeasureWords', 'A measure: beside that'],
  ['Placed', 'A panel: where it stands'],
  ['PanelOver', 'A panel over data: one of these, and `data`'],
  ['SelectPanel', 'A panel of a select of its own'],
  ['TextPanel', 'A text'],
  ['Opens', 'opens of a panel'],
] as const;

/** A field of a type, as it is declared; or a form that a type may have, whose name is empty. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly meaning: string;
}

/** The fields of the types that definitions are written in. @throws {Error} one of them is not there any more */
export function fieldsOf(name: string): readonly Field[] {
  const found = declarations().get(name);
  if (!found)
    throw new Error(`core/ declares no type ${name}: correct the sections in test/reference/reference.ts.`);
  return found;
}

/** docs/reference.md as it is to be. */
export function reference(): string {
  return [
    '# Fields of a definition',
    '',
    'Made from the types in `core/` by `npm run reference`: change them there. A `?` marks what may be left out.',
    '',
    '## Extract modes',
    '',
    '| mode | a load covers | `write` | where nothing says |',
    '| --- | --- | --- | --- |',
    ...extractMode.options.map(modeRow),
    '',
    '`write` and `primaryKey` stand beside `extract`; `merge` needs the key.',
    ...SECTIONS.flatMap(([name, title]) => ['', `## ${title}`, '', ...tableOf(fieldsOf(name))]),
    '',
    '# Fields of a dashboard',
    ...OF_DASHBOARDS.flatMap(([name, title]) => ['', `## ${title}`, '', ...tableOf(fieldsOf(name))]),
    '',
  ].join('\n');
}

const COVERS = {
  all: 'every row that there is',
  interval: 'the rows of its interval',
  new: 'what is new since the mark',
};

function modeRow(mode: ExtractMode): string {
  const { covers, writes, write } = modeOf({ mode });
  return `| \`${mode}\` | ${COVERS[covers]} | ${writes.map((each) => `\`${each}\``).join(', ')} | ${write ? `\`${write}\`` : '`defaults.write`, else `merge`'} |`;
}

function tableOf(fields: readonly Field[]): string[] {
  const isForms = fields.every(({ name }) => name === '');
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const code = (text: string) => (text.includes('`') ? `\`\` ${cell(text)} \`\`` : `\`${cell(text)}\``);
  if (isForms)
    return [
      '| form | meaning |',
      '| --- | --- |',
      ...fields.map(({ type, meaning }) => `| ${code(type)} | ${cell(meaning)} |`),
    ];
  return [
    '| field | type | meaning |',
    '| --- | --- | --- |',
    ...fields.map(
      ({ name, type, isOptional, meaning }) =>
        `| ${code(`${name}${isOptional ? '?' : ''}`)} | ${code(type)} | ${cell(meaning)} |`,
    ),
  ];
}

function declarations(): Map<string, Field[]> {
  const found = new Map<string, Field[]>();
  for (const file of readdirSync(CORE, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(CORE, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    for (const node of source.statements) {
      if (ts.isInterfaceDeclaration(node)) found.set(node.name.text, node.members.flatMap(fieldOf));
      else if (ts.isTypeAliasDeclaration(node)) {
        const union = unionIn(node.type);
        if (union) found.set(node.name.text, formsOf(union));
      }
    }
  }
  return found;
}

function fieldOf(member: ts.TypeElement): Field[] {
  if (!ts.isPropertySignature(member) || !member.type) return [];
  return [
    {
      name: member.name.getText(),
      type: inOneLine(member.type),
      isOptional: member.questionToken !== undefined,
      meaning: commentOf(member),
    },
  ];
}

/** A union, by itself or as what a type has beside other things. */
function unionIn(type: ts.TypeNode): ts.UnionTypeNode | undefined {
  if (ts.isUnionTypeNode(type)) return type;
  if (ts.isParenthesizedTypeNode(type)) return unionIn(type.type);
  return ts.isIntersectionTypeNode(type)
    ? type.types.map(unionIn).find((found) => found !== undefined)
    : undefined;
}

/** The comment of a form stands before the bar that is before it. */
function formsOf(union: ts.UnionTypeNode): Field[] {
  const { text } = union.getSourceFile();
  return union.types.map((type, at) => {
    const before = text.slice(union.types[at - 1]?.end ?? union.getFullStart(), type.getStart());
    return { name: '', type: inOneLine(type), isOptional: false, meaning: wordsOf(before) };
  });
}

/** Without what only a compiler needs to know. */
function inOneLine(type: ts.TypeNode): string {
  return type
    .getText()
    .replaceAll(/\/\*\*.*?\*\/|readonly /gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ \| undefined\b|^\| /g, '')
    .replaceAll(/; }/g, ' }')
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^Readonly<Record<string, (.*)>>$/, '{ name: $1 }')
    .replaceAll(/Readonly<Record<string, never>>/g, '{}')
    .replaceAll('Graded & { ', '{ severity?: Severity; ')
    .replaceAll('Graded', '{ severity?: Severity }')
    .replaceAll('Declared & { ', '{ description?: string; required?: boolean; ');
}

function commentOf(node: ts.Node): string {
  const { text } = node.getSourceFile();
  return wordsOf(text.slice(node.getFullStart(), node.getStart()));
}

/** The words of the last comment in a text, as one paragraph. */
function wordsOf(text: string): string {
  const last = text.match(/\/\*\*.*?\*\//gs)?.at(-1) ?? '';
  return last
    .replaceAll(/^\/\*\*|\*\/$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { assess, type Assessment } from './assess.ts';
import { HEAD, HEAD_LINES, readTexts } from './dags-fixture.ts';
import { IDIOMS } from './idioms-fixture.ts';

/** Lines on which an operator, a sensor or a group is called, or asked to be; told without a parser. */
function callsIn(text: string): number[] {
  return text.split('\n').flatMap((line, at) => {
    const isNone = /^\s*(#|from |import |class )/.test(line);
    return !isNone && /\b\w+(Operator|Sensor)(\.partial)?\(|\(task_id=/.test(line) ? [at + 1] : [];
  });
}

const nameOf = (file: string) => file.split('/').at(-1) ?? file;

describe('files as people write them', () => {
  let assessment: Assessment;
  beforeAll(async () => {
    assessment = assess(await readTexts(IDIOMS));
  });

  it.each(Object.entries(IDIOMS))(
    'have every call of an operator told, or named as not understood: %s',
    (name, text) => {
      const told = new Set([
        ...assessment.dags
          .filter(({ file }) => nameOf(file) === name)
          .flatMap(({ tasks }) => tasks.map(({ line }) => line)),
        ...assessment.unread.flatMap(({ file, line }) => (nameOf(file) === name ? [line] : [])),
      ]);
      const calls = callsIn(text).filter((line) => line > HEAD_LINES);
      expect(calls.filter((line) => !told.has(line))).toEqual([]);
    },
  );

  it('have a draft only where nothing was left unread', () => {
    const unread = new Set(assessment.unread.map(({ file }) => nameOf(file)));
    const drafted = assessment.dags.flatMap(({ file, draft }) => (draft ? [nameOf(file)] : []));
    expect(drafted.filter((name) => unread.has(name))).toEqual([]);
    expect(drafted).toEqual(['nested-groups.py']);
  });
});

/** Ways of making a task, or an order, of which only running them tells what comes of it. */
const WRAPPED: readonly ((statement: string) => string)[] = [
  (one) => `if START:\n    ${one}`,
  (one) => `for _ in range(2):\n    ${one}`,
  (one) => `while START:\n    ${one}\n    break`,
  (one) => `with open('x') as file:\n    ${one}`,
  (one) => `try:\n    ${one}\nfinally:\n    pass`,
  (one) => `def make():\n    ${one}\nmake()`,
  (one) => `async def make():\n    ${one}\nimport asyncio\nasyncio.run(make())`,
  (one) => `class Made:\n    ${one}`,
  (one) => `[${one} for _ in 'ab']`,
  (one) => `x = {n: ${one} for n in 'ab'}`,
  (one) => `x = ${one} if START else None`,
  (one) => `x = START and ${one}`,
  (one) => `x = lambda: ${one}`,
  (one) => `(x := ${one})`,
  (one) => `x = list(${one} for _ in 'ab')`,
  (one) => `keep(${one})`,
  (one) => `dag.add_task(${one})`,
  (one) => `f'{${one.replaceAll("'", '"')}}'`,
  (one) => `assert ${one}`,
  (one) => `globals()['x'] = ${one}`,
  (one) => `@keep\ndef made(x=${one}): pass`,
  (one) => `match START:\n    case _:\n        ${one}`,
];
const ONES = [
  `BashOperator(task_id='made', bash_command='true')`,
  `EmptyOperator(task_id='made')`,
  `EmptyOperator.partial(task_id='made').expand(doc=['x'])`,
  `(a >> b)`,
  `chain(a, b)`,
  `a.set_downstream(b)`,
  `unknown('made')`,
];

it('has no draft, and names the line, whatever makes a task or an order behind code', async () => {
  // All in one call of the reader: the cases are few, and each is a file.
  const cases = WRAPPED.flatMap((wrap) => ONES.map((one) => wrap(one)));
  const places = fc.sample(fc.constantFrom('in the DAG', 'after it'), { numRuns: cases.length, seed: 9 });
  const text = (made: string, at: number) => {
    const inner = places[at] === 'in the DAG' ? made.replaceAll(/^/gm, '    ') : made;
    return `${HEAD}with DAG('d${at}', schedule=None) as dag:
    a = BashOperator(task_id='a', bash_command='true')
    b = BashOperator(task_id='b', bash_command='true')
${inner}
`;
  };
  const texts = Object.fromEntries(cases.map((made, at) => [`case-${at}.py`, text(made, at)]));
  const { dags, unread } = assess(await readTexts(texts));
  const drafted = dags.flatMap(({ file, draft }) => (draft ? [texts[nameOf(file)]] : []));
  expect(drafted).toEqual([]);
  const named = new Set(
    unread.flatMap(({ file, line = 0 }) => (line > HEAD_LINES + 3 ? [nameOf(file)] : [])),
  );
  expect(Object.keys(texts).filter((name) => !named.has(name))).toEqual([]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from './errors.ts';
import { fromStepOn, planOf, planOfRun, without } from './plan.ts';
import { resolvePipeline } from './resolve.ts';

const snapshot = { domain: 'shop', extract: { mode: 'snapshot' } };
const bare = { name: 'shop', description: 'a shop', schedule: 'manual', start: '2020-01-01' };
const transform = { dbt: { select: 'tag:shop' } };
const written = { ...bare, source: 'shop', tables: { orders: snapshot, items: snapshot }, transform };
const withTasks = (tasks: Record<string, unknown>) => resolvePipeline({ ...written, tasks });
const keys = (tasks: Record<string, unknown>) => planOf(withTasks(tasks)).map(({ key }) => key);
const after = (tasks: Record<string, unknown>, key: string) =>
  planOf(withTasks(tasks)).find((step) => step.key === key)?.after;
const problemsOf = (tasks: Record<string, unknown>): readonly string[] => {
  try {
    withTasks(tasks);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
};
const does = { script: ['true'] };

describe('the plan of a pipeline', () => {
  it('without tasks is extract and load of every table, then models, check and publication', () => {
    expect(keys({})).toEqual([
      'extract:orders',
      'extract:items',
      'load:orders',
      'load:items',
      'transform',
      'check',
      'publish',
    ]);
    expect(after({}, 'load:items')).toEqual(['extract:items']);
    expect(after({}, 'transform')).toEqual(['load:orders', 'load:items']);
  });

  it('of tasks alone has nothing to check and to publish, and begins with those that name no place', () => {
    const alone = resolvePipeline({ ...bare, tasks: { sweep: does, tell: { ...does, after: ['sweep'] } } });
    expect(planOf(alone).map(({ key, after }) => [key, after])).toEqual([
      ['sweep', []],
      ['tell', ['sweep']],
    ]);
    expect(() => resolvePipeline({ ...bare, tasks: { tell: { ...does, after: ['publish'] } } })).toThrow(
      `there is no step 'publish'`,
    );
  });

  it('of models alone builds them, whatever tables they read', () => {
    expect(planOf(resolvePipeline({ ...bare, transform })).map(({ key }) => key)).toEqual([
      'transform',
      'check',
      'publish',
    ]);
  });

  it('has a task come after the steps of all tables where it names a stage', () => {
    expect(after({ prepare: { ...does, after: ['extract'] } }, 'prepare')).toEqual([
      'extract:orders',
      'extract:items',
    ]);
  });

  it('has a task that names no place come last', () => {
    expect(after({ tell: does }, 'tell')).toEqual(['publish']);
  });

  it('has a task stand before others without waiting for any', () => {
    const tasks = { wait: { ...does, before: ['extract'] } };
    expect(after(tasks, 'wait')).toEqual([]);
    expect(after(tasks, 'extract:orders')).toEqual(['wait']);
  });

  it('has the models follow tasks that write datasets, unless those follow the models', () => {
    const writes = (name: string) => ({ [`silver.${name}`]: {} });
    const tasks = {
      clean: { ...does, after: ['extract'], writes: writes('orders') },
      export: { ...does, after: ['transform'], writes: writes('totals') },
    };
    expect(after(tasks, 'transform')).toEqual(['load:orders', 'load:items', 'clean']);
  });

  it('has a step with a condition come after the one that decides', () => {
    expect(
      after({ choose: { ...does, after: ['load'] }, big: { ...does, onlyIf: 'choose' } }, 'big'),
    ).toEqual(['choose']);
  });

  it('says everything that is wrong at once: unknown names with the nearest, every circle with its path, two writers', () => {
    const problems = problemsOf({
      a: { ...does, after: ['c'] },
      b: { ...does, after: ['a'] },
      c: { ...does, after: ['b'] },
      d: { ...does, after: ['d'] },
      early: { ...does, after: ['transfrom', 'lod:orders'] },
      one: { ...does, writes: { 'silver.x': {} } },
      two: { ...does, writes: { 'silver.x': {} } },
    });
    expect(problems).toEqual([
      `tasks.early.after: there is no step 'transfrom'; is 'transform' meant?`,
      `tasks.early.after: there is no step 'lod:orders'; is 'load:orders' meant?`,
      `tasks.two.writes: 'silver.x' is written by 'one' as well; one dataset has one writer.`,
      `steps wait for each other: a → b → c → a. Take one of them out of an 'after' or a 'before'.`,
      `steps wait for each other: d → d. Take one of them out of an 'after' or a 'before'.`,
    ]);
  });

  it('finds a circle through the steps that every run has', () => {
    const tasks = { late: { ...does, after: ['publish'], before: ['extract:orders'] } };
    expect(problemsOf(tasks)).toEqual([expect.stringMatching(/extract:orders → .*late → extract:orders/)]);
  });

  it.each([
    [{ extract: does }, 'is the name of a step that every run has'],
    [{ x: {} }, 'must say what it does by one of run, script'],
    [{ x: { ...does, run: 'f' } }, 'not run and script'],
    [{ x: { script: [] } }, 'tasks.x.script'],
    [{ x: { ...does, writes: { customers: {} } } }, 'must be like silver.orders'],
    [{ x: { ...does, timeout: 'soon' } }, 'must be a duration'],
    [{ x: { ...does, timeout: '25 days' } }, 'tasks.x.timeout: must be 24 days at most'],
    [{ x: { ...does, each: { from: 'y' } } }, `tasks.x.each.from: there is no step 'y'`],
    [{ x: { ...does, each: { from: 'transform' } } }, `'transform' gives no list; name a task that does`],
    [{ x: { ...does, each: { from: 'x' } } }, 'steps wait for each other: x → x'],
    [{ x: { ...does, each: { from: 'x', max: 101 } } }, 'tasks.x.each.max'],
    [{ x: { approve: 'Go', timeout: '0 seconds' } }, 'must be a second at least'],
    [{ x: { approve: ' ' } }, 'must say what is to be approved'],
    [{ x: { approve: 'Go', onTimeout: 'wait' } }, 'tasks.x.onTimeout'],
    [{ x: { approve: 'Go', attempts: 3 } }, 'attempts'],
    [{ x: { spark: 'x', retry: { after: '1 minute' } } }, 'retry'],
    [{ x: { ...does, retry: { after: '2 days' } } }, 'tasks.x.retry.after: must be a day at most'],
    [
      { x: { ...does, retry: { after: '1 minute' }, attempts: 1 } },
      `tasks.x.retry: says when the next attempt begins, and 'attempts' that there is none`,
    ],
    [{ x: { waitFor: {} } }, 'must say what is waited for by one of file, sql, http, pipeline'],
    [{ x: { waitFor: { file: 'a/../b' } } }, `without '..'`],
    [{ x: { waitFor: { file: 'in/{day}/x' } } }, 'knows no {day}; there are {date}, {start}, {end}'],
    [{ x: { waitFor: { file: 's3://bucket' } } }, 's3://bucket/key'],
    [{ x: { waitFor: { http: 'ftp://x/y' } } }, 'must be an http or https address'],
    [{ x: { waitFor: { http: 'https://me:secret@x/y' } } }, 'without user and password'],
    [{ x: { waitFor: { sql: 'select 1', on: 'lake' } } }, 'tasks.x.waitFor.on'],
    [{ x: { waitFor: { file: 'x' }, every: '2 days' } }, `must not be longer than 'timeout'`],
    [{ x: { waitFor: { file: 'x' }, every: '0 seconds' } }, 'must be a second at least'],
  ])('refuses %j', (tasks, message) => {
    expect(problemsOf(tasks).join('\n')).toContain(message);
  });

  it('puts every step behind those it comes after, whatever tasks are drawn, or names a circle', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const step = fc.constantFrom(...names, 'extract', 'load:orders', 'transform', 'publish');
    const task = fc.record({
      after: fc.uniqueArray(step, { maxLength: 3 }),
      before: fc.uniqueArray(step, { maxLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(task, { minLength: 6, maxLength: 6 }), (drawn) => {
        const tasks = Object.fromEntries(names.map((name, at) => [name, { ...does, ...drawn[at] }]));
        const problems = problemsOf(tasks);
        if (problems.length) {
          // A circle is one: each of its steps comes after the one that is named before it.
          expect(problems.every((problem) => problem.startsWith('steps wait for each other: '))).toBe(true);
          return;
        }
        const plan = planOf(withTasks(tasks));
        const place = new Map(plan.map(({ key }, at) => [key, at]));
        expect(plan).toHaveLength(7 + names.length);
        for (const { key, after } of plan)
          for (const earlier of after) expect(place.get(earlier)).toBeLessThan(place.get(key) ?? -1);
      }),
    );
  });
});

describe('what a run leaves out', () => {
  const pipeline = withTasks({
    clean: { ...does, after: ['extract'], before: ['transform'] },
    score: { ...does, after: ['transform'] },
    mail: { ...does, after: ['score'] },
  });

  it('has what came after a step come after what that came after', () => {
    const plan = without(planOf(pipeline), ({ key }) => key === 'transform' || key === 'score');
    expect(plan.find(({ key }) => key === 'mail')?.after).toEqual(['load:orders', 'load:items', 'clean']);
  });

  it('is the tasks that follow the models with the models, and the others by themselves', () => {
    const tasksOf = (skip: ('transform' | 'tasks')[]) =>
      planOfRun(pipeline, { skip })
        .filter(({ kind }) => kind === 'task')
        .map(({ key }) => key);
    expect(tasksOf(['transform'])).toEqual(['clean']);
    expect(tasksOf(['tasks'])).toEqual(['score', 'mail']);
  });

  it('without a table still has the tasks that stand behind its load', () => {
    const tasks = { score: { ...does, after: ['load:items'] }, sum: { ...does, after: ['load'] } };
    const plan = planOfRun(withTasks(tasks), { tables: ['orders'] });
    expect(plan.map(({ key, after }) => [key, after])).toEqual([
      ['extract:orders', []],
      ['load:orders', ['extract:orders']],
      ['transform', ['load:orders']],
      ['check', ['transform']],
      ['publish', ['check']],
      ['score', []],
      ['sum', ['load:orders']],
    ]);
  });

  it('is nothing of what comes after the step that a run starts from', () => {
    expect([...fromStepOn(planOf(pipeline), 'transform')]).toEqual([
      'transform',
      'check',
      'publish',
      'score',
      'mail',
    ]);
    expect(fromStepOn(planOf(pipeline), 'load').has('extract:orders')).toBe(false);
    expect(() => fromStepOn(planOf(pipeline), 'scor')).toThrow(`is 'score' meant?`);
  });
});

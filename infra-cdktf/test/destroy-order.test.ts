import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { isBound, orders, pairsOf } from '../policy/order.ts';
import { isResolved, resolvedFile, synthesizedSubject } from '../policy/subjects.ts';

describe.each(environments.map((env) => ({ name: env.name, env })))('the end of $name', ({ env }) => {
  const subject = synthesizedSubject(env);

  it.each(orders)('takes $first before $then: $why', (order) => {
    const pairs = pairsOf(subject, order);
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.filter((pair) => !isBound(subject, pair))).toEqual([]);
  });

  it.skipIf(!isResolved(env))('is in that order when Terraform destroys what it has applied', () => {
    const { destroyed } = JSON.parse(readFileSync(resolvedFile(env), 'utf8')) as { destroyed: string[] };
    const at = new Map(destroyed.map((name, index) => [name, index]));
    const place = (name: string): number => {
      const index = at.get(name);
      if (index === undefined) throw new Error(`${name} was not destroyed`);
      return index;
    };
    const pairs = orders.flatMap((order) => pairsOf(subject, order));
    expect(pairs.filter(([first, then]) => place(first) > place(then))).toEqual([]);
  });
});

it('notices a tie that is missing', () => {
  const [env] = environments;
  const [order] = orders;
  if (!env || !order) throw new Error('no environment');
  const subject = synthesizedSubject(env);
  const [pair] = pairsOf(subject, order);
  if (!pair) throw new Error('no pair');
  const loose = {
    ...subject,
    resources: subject.resources.map((each) => ({ ...each, values: { ...each.values, depends_on: [] } })),
  };
  expect(isBound(subject, pair)).toBe(true);
  expect(isBound(loose, pair)).toBe(false);
});

import { expect, it } from 'vitest';
import type { Group } from '../../../../core/dashboards/groups.ts';
import type { GuardingCheck, Receipt } from '../../../../core/dashboards/publication.ts';
import { ReceiptOf } from '../receipt.tsx';
import { Line } from './charts.tsx';

const text = (page: unknown) => String(page);

it('a dot of a line says what its own group is, also behind one without a number', () => {
  const group = (key: string, value: number | null): Group => ({
    key: [key],
    amounts: [value === null ? null : { value, sum: { units: value, scale: 0 } }],
  });
  const groups = [group('jan', 1), group('feb', null), group('mar', 3)];
  const chart = { title: 'Orders', measure: { count: true } as const, by: 'month', groups };
  const html = text(Line({ chart }));
  expect([...html.matchAll(/<title>(.*?)<\/title>/g)].map(([, text]) => text)).toEqual(['jan: 1', 'mar: 3']);
});

it('a receipt is green only where a check has passed', () => {
  const summary = (...outcomes: GuardingCheck['outcome'][]) => {
    const at = '2024-03-02T00:00:00Z';
    const checks = outcomes.map((outcome) => ({ id: outcome, name: outcome, outcome }));
    const of = { interval: { start: at, end: at }, run: 'r', upTo: at, loads: [], sql: '', hash: '' };
    const receipt: Receipt = { ...of, checks };
    return /<summary>(.*?)<\/summary>/s.exec(text(ReceiptOf({ receipt })))?.[1] ?? '';
  };
  expect(summary('passed', 'warned')).toContain('<span class="good">✓ 1 check passed</span>');
  for (const none of [summary(), summary('not run')]) {
    expect(none).toContain('no checks ·');
    expect(none).not.toContain('good');
  }
});

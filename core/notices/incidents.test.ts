import { describe, expect, it } from 'vitest';
import { afterLook, afterRun, type IncidentChanges, type OpenIncident, type RunEnd } from './incidents.ts';

const day = (n: number) => ({ start: `2024-03-0${n}T00:00:00Z`, end: `2024-03-0${n + 1}T00:00:00Z` });

function runEnd(
  steps: Readonly<Record<string, 'succeeded' | 'failed' | 'skipped' | 'warned'>>,
  over: Partial<RunEnd> = {},
): RunEnd {
  const about = { pipeline: 'shop', interval: over.interval ?? day(1), runId: 'r1' };
  return {
    outcome: Object.values(steps).includes('failed') ? 'failed' : 'succeeded',
    interval: about.interval,
    isWhole: true,
    steps: Object.entries(steps).map(([key, outcome]) => ({
      key,
      outcome: outcome === 'warned' ? 'succeeded' : outcome,
      hasWarned: outcome === 'warned',
    })),
    failed: { kind: 'run-failed', ...about, message: 'it failed' },
    warned: { kind: 'run-warned', ...about, warnings: ['it warned'] },
    ...over,
  };
}

/** What is open, and what was told, after one thing after the other. */
class Told {
  open: OpenIncident[] = [];
  said: string[] = [];
  after(changed: IncidentChanges): this {
    this.said = changed.notices.map(({ kind }) => kind);
    const key = ({ kind, subject }: Pick<OpenIncident, 'kind' | 'subject'>) => `${kind} ${subject}`;
    const open = new Map(this.open.map((each) => [key(each), each]));
    for (const each of changed.open) open.set(key(each), { ...each, since: '2024-03-09T00:00:00Z' });
    for (const each of changed.close) open.delete(key(each));
    this.open = [...open.values()];
    return this;
  }
  run(...end: Parameters<typeof runEnd>): string[] {
    return this.after(afterRun(this.open, runEnd(...end))).said;
  }
  look(look: Partial<Parameters<typeof afterLook>[1]>): string[] {
    return this.after(afterLook(this.open, { pipeline: 'shop', done: [], ...look })).said;
  }
}

describe('a step that fails', () => {
  it('is told once, and its end once', () => {
    const told = new Told();
    expect(told.run({ 'load:orders': 'failed' })).toEqual(['run-failed']);
    expect(told.run({ 'load:orders': 'failed' }, { interval: day(2) })).toEqual([]);
    const next = { interval: day(3) };
    expect(told.run({ 'load:orders': 'failed', transform: 'failed' }, next)).toEqual(['run-failed']);
    expect(told.run({ 'load:orders': 'succeeded', transform: 'failed' }, next)).toEqual([]);
    expect(told.run({ 'load:orders': 'succeeded', transform: 'succeeded' }, next)).toEqual(['recovered']);
    expect(told.run({ 'load:orders': 'succeeded', transform: 'succeeded' }, next)).toEqual([]);
    expect(told.open).toEqual([]);
  });

  it('is not over while a later interval that nobody was told of has failed too', () => {
    const told = new Told();
    told.run({ 'load:orders': 'failed' });
    expect(told.run({ 'load:orders': 'failed' }, { interval: day(2) })).toEqual([]);
    expect(told.run({ 'load:orders': 'succeeded' })).toEqual([]);
    expect(told.run({ 'load:orders': 'succeeded' }, { interval: day(2) })).toEqual(['recovered']);
  });

  it('is not over because an older interval, another table, or a skip of it went well', () => {
    const told = new Told();
    told.run({ 'load:orders': 'failed' }, { interval: day(3) });
    expect(told.run({ 'load:orders': 'succeeded' }, { interval: day(2) })).toEqual([]);
    const part = { interval: day(4), isWhole: false };
    expect(told.run({ 'load:clicks': 'succeeded' }, part)).toEqual([]);
    expect(told.run({ 'load:orders': 'skipped' }, part)).toEqual([]);
    expect(told.run({ 'load:orders': 'skipped', check: 'succeeded' }, { interval: day(4) })).toEqual([]);
    expect(told.run({ 'load:orders': 'succeeded' }, part)).toEqual(['recovered']);
  });

  it('is over with a whole run that no longer has it, and may be no step at all', () => {
    const told = new Told();
    told.run({ 'load:gone': 'failed' });
    expect(told.run({ 'load:orders': 'succeeded' })).toEqual(['recovered']);
    expect(told.run({}, { outcome: 'failed' })).toEqual(['run-failed']);
    expect(told.run({}, { outcome: 'failed' })).toEqual([]);
    expect(told.run({}, { outcome: 'cancelled' })).toEqual([]);
    expect(told.run({})).toEqual(['recovered']);
  });

  it('that warns is told once, and over in silence', () => {
    const told = new Told();
    expect(told.run({ check: 'warned' })).toEqual(['run-warned']);
    expect(told.run({ check: 'warned' })).toEqual([]);
    expect(told.run({ check: 'succeeded' })).toEqual([]);
    expect(told.run({ check: 'warned' })).toEqual(['run-warned']);
  });
});

describe('a look at a pipeline', () => {
  const stale = (severity: 'warning' | 'error') => ({
    staleness: { crossed: { severity, limit: '2 days' }, isFresh: false, loadedUpTo: null },
  });
  const between = { staleness: { isFresh: false, loadedUpTo: null } };
  const fresh = { staleness: { isFresh: true, loadedUpTo: null } };

  it('tells of each limit once, also when what it found is found again, and when it is fresh', () => {
    const told = new Told();
    expect(told.look(stale('warning'))).toEqual(['stale']);
    expect(told.look(stale('warning'))).toEqual([]);
    expect(told.look(stale('error'))).toEqual(['stale']);
    expect(told.look(between)).toEqual([]);
    expect(told.look(fresh)).toEqual(['recovered']);
    expect(told.look(fresh)).toEqual([]);
  });

  it('tells of a missed deadline once, of the next one again, and when what was late is done', () => {
    const told = new Told();
    const missed = (n: number) => ({ deadline: { interval: day(n), at: day(n).end, isMet: false } });
    expect(told.look(missed(1))).toEqual(['deadline']);
    expect(told.look(missed(1))).toEqual([]);
    expect(told.look({ ...missed(2), done: [day(1).start] })).toEqual(['deadline', 'recovered']);
    expect(told.look({ done: [day(2).start] })).toEqual(['recovered']);
    expect(told.open).toEqual([]);
  });

  it('says nothing of a question, whose run ends it', () => {
    const told = new Told();
    told.after({ open: [{ kind: 'approval', subject: 'r1 release', upTo: null }], close: [], notices: [] });
    expect(told.look(fresh)).toEqual([]);
    expect(told.open).toHaveLength(1);
    told.run({ 'task:release': 'succeeded' });
    expect(told.open).toEqual([]);
  });
});

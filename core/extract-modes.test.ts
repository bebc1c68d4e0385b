import { describe, expect, it } from 'vitest';
import {
  extractMode,
  extraction,
  modeOf,
  modesThatCover,
  writeProblem,
  type WriteDisposition,
} from './extract-modes.ts';
import { mayBelong, markNameOf } from './mark.ts';

const WRITES: readonly WriteDisposition[] = [
  'append',
  'replace',
  'merge',
  'replace-interval',
  'replace-file',
];

describe.each(extractMode.options)('extract mode %s', (mode) => {
  const entry = modeOf({ mode });

  it('can be written in a definition', () => {
    const isOfFiles = entry.writes.includes('replace-file');
    const written = {
      mode,
      ...(entry.mark === 'cursor' && { cursor: 'at' }),
      ...(isOfFiles && { format: 'csv', columns: { id: 'int64' } }),
    };
    expect(extraction.parse(written)).toMatchObject(written);
    expect(extraction.safeParse({ ...written, cursr: 'at' }).success).toBe(false);
  });

  it('says of each disposition that it is taken, or why not and what is', () => {
    for (const write of WRITES) {
      const problem = writeProblem({ mode }, write);
      expect(problem === undefined).toBe(entry.writes.includes(write));
      if (problem !== undefined)
        expect(problem).toMatch(
          new RegExp(`^'${write}' .*; use ${entry.writes.map((each) => `'${each}'`).join(' or ')}\\.$`),
        );
    }
  });

  it('replaces all only where it covers all, an interval only where it covers that by a cursor', () => {
    expect(entry.writes.includes('replace')).toBe(entry.covers === 'all');
    expect(entry.writes.includes('replace-interval')).toBe(
      entry.covers === 'interval' && entry.mark === 'cursor',
    );
    if (entry.write) expect(entry.writes).toContain(entry.write);
  });

  it('has a mark where it goes on from one', () => {
    if (entry.covers === 'new') expect(entry.mark).not.toBe('none');
    if (entry.covers === 'all') expect(entry.mark).toBe('none');
  });
});

describe('extract modes', () => {
  it('are each of one kind of cover', () => {
    const covered = (['all', 'interval', 'new'] as const).flatMap(modesThatCover);
    expect([...covered].sort()).toEqual([...extractMode.options].sort());
  });
});

describe('what a mark is a value of', () => {
  const position = { value: '16/B374D848', cursor: { type: 'position' } } as const;
  const byId = { column: 'id', type: 'number' } as const;

  it('tells a position from a cursor', () => {
    expect(mayBelong(position, { type: 'position' })).toBe(true);
    expect(mayBelong(position, byId)).toBe(false);
    expect(mayBelong({ value: '7', cursor: byId }, { type: 'position' })).toBe(false);
  });

  it('takes what nobody wrote down for a cursor: there were no positions then', () => {
    expect(mayBelong({ value: '7', cursor: null }, byId)).toBe(true);
    expect(mayBelong({ value: '7', cursor: null }, { type: 'position' })).toBe(false);
  });

  it('is read back from two columns', () => {
    expect(markNameOf({ column: null, type: 'position' })).toEqual({ type: 'position' });
    expect(markNameOf({ column: 'id', type: 'number' })).toEqual(byId);
    expect(markNameOf({ column: null, type: null })).toBeNull();
    expect(() => markNameOf({ column: null, type: 'number' })).toThrow();
  });
});

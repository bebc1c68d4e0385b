import { describe, expect, it } from 'vitest';
import { Turns, type Turn } from './turns.ts';

/** Asks for a turn; tells whether it has begun, and ends it. */
function ask(turns: Turns, turn: Turn, signal?: AbortSignal) {
  const asked = { begun: false, end: (): void => undefined, taken: Promise.resolve() };
  asked.taken = turns.take(turn, signal).then((end) => {
    asked.begun = true;
    asked.end = end;
  });
  return asked;
}

async function begun(...asked: { begun: boolean }[]): Promise<boolean[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return asked.map((one) => one.begun);
}

describe('turns at a warehouse file', () => {
  it('lets readers run together, and a writer wait for them while the file is open for reading only', async () => {
    const turns = new Turns();
    const readers = [ask(turns, 'read'), ask(turns, 'read')];
    const writer = ask(turns, 'write');
    expect(await begun(...readers, writer)).toEqual([true, true, false]);
    for (const reader of readers) reader.end();
    expect(await begun(writer)).toEqual([true]);
  });

  it('lets readers beside a writer and past waiting writers, one writer at a time', async () => {
    const turns = new Turns();
    const first = ask(turns, 'write');
    const second = ask(turns, 'write');
    const reader = ask(turns, 'read');
    expect(await begun(first, second, reader)).toEqual([true, false, true]);
    first.end();
    expect(await begun(second)).toEqual([true]);
  });

  it('lets one alone wait for all, and all wait for it', async () => {
    const turns = new Turns();
    const writer = ask(turns, 'write');
    const alone = ask(turns, 'alone');
    const reader = ask(turns, 'read');
    expect(await begun(writer, alone, reader)).toEqual([true, false, false]);
    writer.end();
    expect(await begun(alone, reader)).toEqual([true, false]);
    alone.end();
    expect(await begun(reader)).toEqual([true]);
  });

  it('does not let a stream of readers keep a writer waiting', async () => {
    const turns = new Turns();
    const early = ask(turns, 'read');
    const writer = ask(turns, 'write');
    const late = ask(turns, 'read');
    expect(await begun(early, writer, late)).toEqual([true, false, false]);
    early.end();
    expect(await begun(writer, late)).toEqual([true, true]);
  });

  it('forgets who was aborted while waiting', async () => {
    const turns = new Turns();
    const alone = ask(turns, 'alone');
    const controller = new AbortController();
    const aborted = ask(turns, 'write', controller.signal);
    const settled = expect(aborted.taken).rejects.toThrow('cancelled');
    const next = ask(turns, 'write');
    controller.abort(new Error('cancelled'));
    await settled;
    await begun();
    alone.end();
    expect(await begun(next, aborted)).toEqual([true, false]);
  });
});

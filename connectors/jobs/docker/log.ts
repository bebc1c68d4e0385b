import { StringDecoder } from 'node:string_decoder';
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { Lines } from '../../process/lines.ts';
import { readPaced } from '../../process/paced.ts';
import { Frames } from './frames.ts';

/** Gives the lines of a container's log until it ends or breaks off: what is missing of a log fails no container. */
export async function readLog(log: Readable, onLine: (line: string) => void): Promise<void> {
  const takers = new Map<number, { decoder: StringDecoder; lines: Lines }>();
  const frames = new Frames((stream, bytes) => {
    const taker = takers.get(stream) ?? { decoder: new StringDecoder('utf8'), lines: new Lines(onLine) };
    takers.set(stream, taker);
    taker.lines.take(taker.decoder.write(bytes));
  });
  readPaced<Buffer>(log, (piece) => frames.take(piece));
  await finished(log).catch(() => undefined);
  for (const { lines } of takers.values()) lines.end();
}

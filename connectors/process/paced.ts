import type { Readable } from 'node:stream';

const AT_A_STRETCH_MS = 5;

/**
 * Reads a stream to its end, and rests for as long as what came was worked on: however much there is to read, half of this process's
 * time is left for others, and who writes has to wait meanwhile.
 * @param take is given text where the stream has an encoding, else bytes
 */
export function readPaced<Piece extends string | Buffer>(
  stream: Readable,
  take: (piece: Piece) => void,
): void {
  let worked = 0;
  stream.on('data', (piece: Piece) => {
    const began = performance.now();
    take(piece);
    worked += performance.now() - began;
    if (worked < AT_A_STRETCH_MS) return;
    stream.pause();
    setTimeout(() => stream.resume(), worked);
    worked = 0;
  });
}

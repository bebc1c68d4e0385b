import { z } from 'zod';
import { InvalidInput } from './errors.ts';

const BYTES = { MiB: 1024 ** 2, GiB: 1024 ** 3 };
type Unit = keyof typeof BYTES;

/** An amount of memory in words: `'512 MiB'`, `'4 GiB'`. */
export type SizeText = `${number} ${Unit}`;

const PATTERN = /^([1-9]\d*) (MiB|GiB)$/;

/** Reads an amount of memory where one is written in a definition. */
export const size = z.custom<SizeText>(
  (value) => typeof value === 'string' && PATTERN.test(value),
  "must be an amount of memory like '512 MiB' or '4 GiB'",
);

/** Bytes of an amount. @throws {InvalidInput} when the text is not `<whole number> MiB` or `… GiB` */
export function bytesOf(text: string): number {
  const match = PATTERN.exec(text);
  if (!match) throw new InvalidInput('An amount of memory', [`'${text}' is not like '512 MiB' or '4 GiB'.`]);
  return Number(match[1]) * BYTES[match[2] as Unit];
}

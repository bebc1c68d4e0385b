import { distance } from 'fastest-levenshtein';

/** The end of a sentence about a name that is not known: the nearest that is, else all there are. */
export function hint(name: string, known: readonly string[]): string {
  const [nearest] = [...known].sort((a, b) => distance(name, a) - distance(name, b));
  if (nearest === undefined) return '.';
  return distance(name, nearest) <= Math.max(2, name.length / 3)
    ? `; is '${nearest}' meant?`
    : `. There are: ${known.join(', ')}.`;
}

import { distance } from 'fastest-levenshtein';

const SHOWN = 20;

/** The end of a sentence about a name that is not known: the nearest that is, else all there are, or the first of them. */
export function hint(name: string, known: readonly string[]): string {
  let nearest: string | undefined;
  let least = Infinity;
  for (const each of known) {
    const far = distance(name, each);
    if (far < least) [nearest, least] = [each, far];
  }
  if (nearest === undefined) return '.';
  if (least <= Math.max(2, name.length / 3)) return `; is '${nearest}' meant?`;
  const more = known.length > SHOWN ? `, … (${known.length} in all)` : '';
  return `. There are: ${known.slice(0, SHOWN).join(', ')}${more}.`;
}

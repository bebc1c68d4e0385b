import { createHash } from 'node:crypto';

const LONGEST = 63; // characters of a name in PostgreSQL

/** What the slot and the publication of a pipeline are called in every database that it reads changes from. */
export function streamName(project: string, pipeline: string): string {
  const words = ['sluice', project, pipeline].map((word) =>
    word.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_'),
  );
  const name = words.filter((word, index) => word && (index !== 1 || word !== 'sluice')).join('_');
  if (name.length <= LONGEST) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - 9)}_${hash}`;
}

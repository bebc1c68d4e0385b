import { gzipSync } from 'node:zlib';
import type { Publication } from '../../../core/dashboards/publication.ts';

/** Bytes of a page's data as they travel (gzip): beyond it the first numbers take more than a second and a half. */
const MOST = 700_000;

/** What is said of a page whose data weigh more than they should, with what weighs most; undefined where they do not. */
export function tooHeavy({ data, selects }: Pick<Publication, 'data' | 'selects'>): string | undefined {
  const text = JSON.stringify({ data, selects });
  if (text.length <= MOST) return undefined;
  const bytes = weigh(text);
  if (bytes <= MOST) return undefined;
  const parts = Object.entries(data).flatMap(([name, { numbers }]) => [
    ...Object.entries(numbers?.keys ?? {}).map(([measure, keys]) => ({
      what: `what '${measure}' of '${name}' counts`,
      bytes: weigh(JSON.stringify(keys)),
    })),
    ...Object.entries(numbers?.dimensions ?? {}).map(([dimension, coded]) => ({
      what: `dimension '${dimension}' of '${name}', with ${coded.values.length} values in ${numbers?.rows ?? 0} rows`,
      bytes: weigh(JSON.stringify(coded)),
    })),
  ]);
  const [heaviest] = parts.sort((a, b) => b.bytes - a.bytes);
  const most = heaviest ? ` The most is ${heaviest.what}: ${kilobytes(heaviest.bytes)}.` : '';
  return `its data weigh ${kilobytes(bytes)} (gzip), more than the ${kilobytes(MOST)} that open at once.${most} Leave a dimension out, cut it coarser, or say 'short' of ids (docs/dashboards.md).`;
}

const weigh = (text: string) => gzipSync(text).length;
const kilobytes = (bytes: number) => `${Math.round(bytes / 1_000)} KB`;

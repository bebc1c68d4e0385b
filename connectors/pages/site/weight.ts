import { gzipSync } from 'node:zlib';
import type { Publication } from '../../../core/dashboards/publication.ts';

/** Bytes of a page's data as they travel (gzip): beyond it the first numbers take more than a second and a half. */
const MOST = 700_000;

/** What is said of a page whose data weigh more than they should, with what weighs most; undefined where they do not. */
export function tooHeavy({
  dashboard,
  data,
  selects,
}: Pick<Publication, 'dashboard' | 'data' | 'selects'>): string | undefined {
  const text = JSON.stringify({ data, selects });
  if (text.length <= MOST) return undefined;
  const bytes = gzipSync(text).length;
  if (bytes <= MOST) return undefined;
  const ofData = Object.entries(data).flatMap(([name, { numbers }]) => [
    ...Object.entries(numbers?.keys ?? {}).map(([measure, keys]) => ({
      what: `what '${measure}' of '${name}' counts`,
      so: 'Count fewer keys, or leave a dimension out',
      bytes: weigh(keys),
    })),
    ...Object.entries(numbers?.sums ?? {}).map(([sum, values]) => ({
      what: `sum '${sum}' of '${name}', in ${numbers?.rows ?? 0} rows`,
      so: "Leave a dimension or the measure out, or give it fewer digits with 'scale'",
      bytes: weigh(values),
    })),
    ...Object.entries(numbers?.dimensions ?? {}).map(([dimension, coded]) => ({
      what: `dimension '${dimension}' of '${name}', with ${coded.values.length} values in ${numbers?.rows ?? 0} rows`,
      so: "Leave a dimension out, cut it coarser, or say 'short' of ids",
      bytes: weigh(coded),
    })),
  ]);
  const ofSelects = Object.entries(selects).map(([at, { numbers }]) => ({
    what: `the select of panel '${dashboard.panels[Number(at)]?.title ?? at}', of ${numbers?.rows.length ?? 0} rows`,
    so: 'Let it give fewer rows or columns',
    bytes: weigh(numbers),
  }));
  const [heaviest] = [...ofData, ...ofSelects].sort((a, b) => b.bytes - a.bytes);
  const most =
    heaviest &&
    ` The most is ${heaviest.what}: ${kilobytes(heaviest.bytes)}. ${heaviest.so} (docs/dashboards.md).`;
  return `its data weigh ${kilobytes(bytes)} (gzip), more than the ${kilobytes(MOST)} that open at once.${most ?? ''}`;
}

const weigh = (part: unknown) => gzipSync(JSON.stringify(part)).length;
const kilobytes = (bytes: number) => `${Math.round(bytes / 1_000)} KB`;

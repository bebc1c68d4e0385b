import { z } from 'zod';
import type { DataInterval } from './interval.ts';
import { oneOf } from './one-of.ts';

/**
 * What a step waits for. In texts `{date}` stands for the day on which the run's interval starts, `{start}` and `{end}` for its bounds,
 * all in UTC: `2024-03-01`, `2024-03-01T00:00:00Z`.
 */
export type Condition =
  /** A file: of the lake (`silver/prices/{date}/_SUCCESS`), of a folder (`/data/in/{date}/*.csv`), or `s3://bucket/prefix/`. */
  | { readonly file: string }
  /** A statement that reads and gives a row: of the pipeline's source (default), or of the warehouse. */
  | { readonly sql: string; readonly on?: 'source' | 'warehouse' | undefined }
  /** An address that answers a GET, with this status, or any from 200 to 299. */
  | { readonly http: string; readonly status?: number | undefined }
  /** The run of another pipeline over all of the run's interval. */
  | { readonly pipeline: string };

const PLACEHOLDERS = ['date', 'start', 'end'];

const text = z
  .string()
  .trim()
  .min(1)
  .superRefine((value, context) => {
    for (const [, name = ''] of value.matchAll(/\{([A-Za-z_]\w*)\}/g))
      if (!PLACEHOLDERS.includes(name))
        context.addIssue(
          `knows no {${name}}; there are ${PLACEHOLDERS.map((each) => `{${each}}`).join(', ')}`,
        );
  });

const conditions = {
  file: z.strictObject({
    file: text.refine(
      isPlace,
      `must be a path in the lake, an absolute one, or s3://bucket/key, without '..'`,
    ),
  }),
  sql: z.strictObject({ sql: text, on: z.enum(['source', 'warehouse']).optional() }),
  http: z.strictObject({
    http: text.refine(isAddress, 'must be an http or https address without user and password'),
    status: z.int().min(100).max(599).optional(),
  }),
  pipeline: z.strictObject({ pipeline: z.string().min(1) }),
};

export const condition = oneOf<Condition>(conditions, 'must say what is waited for');

/** A text of a condition for one interval. */
export function filled(text: string, { start, end }: DataInterval): string {
  return text.replaceAll('{date}', start.slice(0, 10)).replaceAll('{start}', start).replaceAll('{end}', end);
}

/** A condition in words. */
export function conditionText(condition: Condition, interval: DataInterval): string {
  if ('file' in condition) return `file ${filled(condition.file, interval)}`;
  if ('sql' in condition)
    return `a row of '${filled(condition.sql, interval)}' in the ${condition.on ?? 'source'}`;
  if ('http' in condition)
    return `${filled(condition.http, interval)} to answer ${condition.status ?? '200 to 299'}`;
  return `pipeline '${condition.pipeline}' to have run over ${interval.start}/${interval.end}`;
}

function isPlace(path: string): boolean {
  if (path.split('/').includes('..')) return false;
  if (!path.includes('://')) return true;
  return /^s3:\/\/[^/*{}]+\/./.test(path);
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password;
}

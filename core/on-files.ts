import { z } from 'zod';
import { isDuration, milliseconds, type DurationText } from './duration.ts';

/** A pipeline runs when files arrive: a run for each batch of them, whose interval is given to it when it is claimed (decision 0250). */
export interface OnFiles {
  /** The folder below the root of the pipeline's source. */
  readonly place: string;
  /** Which files of it; `*` is any part of one name, `/` leads into folders (default `*`). */
  readonly pattern?: string | undefined;
  /** How long a file of a folder must have stood still before it is taken (default '10 seconds'); an object of S3 is there whole. */
  readonly settle?: DurationText | undefined;
  /** How often the place is looked at (default '1 minute'). */
  readonly every?: DurationText | undefined;
  /** Files that one run may take (default 100). */
  readonly batch?: number | undefined;
  /** Runs at the same time (default 1: in order of arrival). */
  readonly concurrency?: number | undefined;
}

export type ResolvedOnFiles = { readonly [K in keyof OnFiles]-?: NonNullable<OnFiles[K]> };

const duration = z.custom<DurationText>(
  (value) => typeof value === 'string' && isDuration(value),
  "must be a duration like '15 minutes', '2 hours' or '1 day'",
);
const whole = (most: number) => z.int().min(1).max(most);

export const onFilesSchedule = z.strictObject({
  onFiles: z.strictObject({
    place: z
      .string()
      .min(1)
      .refine(
        (text) => !text.startsWith('/') && !text.includes('://') && !text.split('/').includes('..'),
        'must be a folder below the root of the source',
      )
      .transform((text) => text.replace(/\/+$/, '')),
    pattern: z.string().min(1).default('*'),
    settle: duration.default('10 seconds'),
    every: duration
      .refine((text) => milliseconds(text) >= 1000, 'must be a second or more')
      .default('1 minute'),
    batch: whole(1_000).default(100),
    concurrency: whole(50).default(1),
  }),
});

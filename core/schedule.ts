import { z } from 'zod';
import { parseCron } from './cron.ts';
import { isDuration, milliseconds, type DurationText } from './duration.ts';
import { messageOf } from './errors.ts';
import { onFilesSchedule, type OnFiles, type ResolvedOnFiles } from './on-files.ts';
import { isZone } from './zone.ts';

/**
 * When a pipeline runs. The ticks of `cron` (in `timezone`) or of `every` (counted from the Unix epoch) are the bounds of the
 * data intervals; a run starts `delay` of elapsed time after its interval has ended.
 */
export type Schedule =
  /** Five fields: minute, hour, day of month, month, day of week; in an IANA zone. */
  | { readonly cron: string; readonly timezone: string; readonly delay?: DurationText | undefined }
  /** Counted from the Unix epoch. */
  | { readonly every: DurationText; readonly delay?: DurationText | undefined };

/** As a definition has it: by the clock, by files, or by hand. */
export type WrittenSchedule = Schedule | { readonly onFiles: OnFiles } | 'manual';
/** With its defaults filled in. */
export type ResolvedSchedule = Schedule | { readonly onFiles: ResolvedOnFiles } | 'manual';

/** Whether a clock says when it runs and what its intervals are. */
export function isTimed(schedule: WrittenSchedule): schedule is Schedule {
  return schedule !== 'manual' && !('onFiles' in schedule);
}

/** What is said of the files that it runs on; undefined where it does not. */
export function onFilesOf(schedule: ResolvedSchedule): ResolvedOnFiles | undefined {
  return schedule !== 'manual' && 'onFiles' in schedule ? schedule.onFiles : undefined;
}

const LONGEST = '3650 days'; // what is longer is a mistake

const duration = z.custom<DurationText>(
  (value) => typeof value === 'string' && isDuration(value),
  "must be a duration like '15 minutes', '2 hours' or '1 day'",
);
const bounded = duration.refine((text) => milliseconds(text) <= milliseconds(LONGEST), {
  error: `must not be longer than ${LONGEST}`,
  abort: true,
});
const delay = bounded.optional();

const everySchedule = z.strictObject({
  every: bounded.refine((text) => milliseconds(text) >= 1000, 'must be a second or more'),
  delay,
});
const cronSchedule = z.strictObject({
  cron: z.string().superRefine((text, context) => {
    try {
      parseCron(text);
    } catch (error) {
      context.addIssue(messageOf(error));
    }
  }),
  timezone: z.string().refine(isZone, {
    error: ({ input }) => `'${String(input)}' is no IANA zone such as UTC or America/Sao_Paulo`,
  }),
  delay,
});

/** A union would say only 'invalid input': the branch is chosen by what is written, and its problems are reported. */
export const schedule = z.unknown().transform((value, context): Schedule => {
  const isEvery = typeof value === 'object' && value !== null && 'every' in value;
  const parsed = (isEvery ? everySchedule : cronSchedule).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

/** As a pipeline has it. */
export const scheduleOrManual = z.unknown().transform((value, context): ResolvedSchedule => {
  if (value === 'manual') return value;
  const isOfFiles = typeof value === 'object' && value !== null && 'onFiles' in value;
  const parsed = (isOfFiles ? onFilesSchedule : schedule).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

import { Cadence } from '../../core/cadence.ts';
import { messageOf } from '../../core/errors.ts';
import { isTimed, scheduleOrManual, type ResolvedSchedule } from '../../core/schedule.ts';
import { codeOf, durationText, momentOf, secondsOf, type Moment } from './given.ts';
import type { Given } from './read.ts';

const NAMES = ['schedule', 'schedule_interval', 'timetable'];
const A_DAY = 86_400;

/** https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/cron.html#cron-presets */
const PRESETS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@quarterly': '0 0 1 */3 *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** When a DAG runs, and from when on: what of it can be said, and what is against it. */
export interface Timing {
  readonly schedule?: ResolvedSchedule;
  readonly start?: string;
  readonly problems: readonly string[];
}

export function timingOf(given: Given, defaults: Given, version: 2 | 3 | null): Timing {
  const first = given['start_date'] ?? null;
  const inherited = defaults['start_date'] ?? null;
  const written = first ?? inherited;
  const start = momentOf(written);
  const problems = [
    ...(first !== null && inherited !== null && codeOf(first) !== codeOf(inherited)
      ? ['start_date is another one in default_args']
      : []),
    ...(written !== null && !start
      ? [`start_date ${codeOf(written)} is made by code: 'start' is the first instant that has data`]
      : []),
  ];
  const found = scheduleOf(given, start, version);
  if ('problem' in found) return { problems: [...problems, found.problem] };
  const { schedule } = found;
  if (problems.length) return { schedule, problems };
  const from = startOf(start, schedule);
  return from.problem === undefined
    ? { schedule, start: from.start, problems }
    : { schedule, problems: [from.problem] };
}

type Found = { readonly schedule: ResolvedSchedule } | { readonly problem: string };

/** The schedule, or what is against it. */
function scheduleOf(given: Given, start: Moment | undefined, version: 2 | 3 | null): Found {
  const named = NAMES.filter((name) => name in given);
  if (named.length > 1)
    return { problem: `there are ${named.join(' and ')}: which of them holds is its version's to say` };
  const [name = ''] = named;
  if (!named.length && version === null)
    return { problem: 'no schedule is given: that is every day in Airflow 2, and by hand in Airflow 3' };
  const schedule = named.length ? given[name] : version === 2 ? A_DAY : null;
  if (schedule === null) return { schedule: 'manual' };
  const zone = start?.zone ?? 'UTC';
  const seconds = secondsOf(schedule);
  if (seconds !== undefined) return evenly(seconds, start);
  if (typeof schedule !== 'string')
    return {
      problem: `schedule ${codeOf(schedule)}: of datasets, assets and timetables none is carried over; a cron, schedule: { onFiles } for files that arrive, or 'waitFor: { pipeline }' may do`,
    };
  if (schedule === '@once')
    return { problem: "schedule '@once': make it 'manual', and run it once by 'sluice run'" };
  const cron = PRESETS[schedule] ?? schedule;
  if (cron.startsWith('@')) return { problem: `schedule '${schedule}' has no equal` };
  const [, , day = '', , weekday = ''] = cron.trim().split(/\s+/);
  if ([day, weekday].every((field) => field !== '*') && [day, weekday].some((field) => field.startsWith('*')))
    return {
      problem: `schedule '${schedule}': Airflow takes days of either field, here both must name a day where one begins with *`,
    };
  const parsed = scheduleOrManual.safeParse({ cron, timezone: zone });
  return parsed.success
    ? { schedule: parsed.data }
    : { problem: `schedule: ${parsed.error.issues.map(({ message }) => message).join('; ')}` };
}

/** Airflow counts from start_date, Sluice from 1970-01-01T00:00Z. */
function evenly(seconds: number, start: Moment | undefined): Found {
  const every = durationText(seconds);
  const what = `schedule timedelta(seconds=${seconds})`;
  if (!start) return { problem: `${what} is counted from start_date, and none is known` };
  const isUtc = start.zone === null || start.zone === 'UTC';
  if (every === undefined || A_DAY % seconds || !isUtc || Date.parse(`${start.wall}Z`) % (seconds * 1000))
    return {
      problem: `${what} is counted from start_date, here { every } from 1970-01-01T00:00Z: they meet only where it goes into a day and start_date fits; write a cron`,
    };
  const parsed = scheduleOrManual.safeParse({ every });
  return parsed.success ? { schedule: parsed.data } : { problem: `${what} has no equal` };
}

/** Of a pipeline that nothing but people start, any beginning will do. */
function startOf(
  start: Moment | undefined,
  schedule: ResolvedSchedule,
): { readonly start: string; readonly problem?: undefined } | { readonly problem: string } {
  if (!start)
    return schedule === 'manual'
      ? { start: '1970-01-01' }
      : { problem: "no start_date is given: 'start' is the first instant that has data" };
  const wall = start.wall.replace(/T00:00:00$/, '');
  if (isTimed(schedule) || start.zone === null || start.zone === 'UTC') return { start: wall };
  try {
    return { start: new Cadence({ cron: '0 0 * * *', timezone: start.zone }).instant(wall) };
  } catch (error) {
    return { problem: `start_date: ${messageOf(error)}` };
  }
}

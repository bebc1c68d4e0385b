import { codeOf, durationText, isMadeByCode, isTemplate, secondsOf, textOf } from './given.ts';
import { fine, inSeconds, only, type Keywords } from './keywords.ts';
import type { Given } from './read.ts';

/** No limit is what Airflow has; this is the longest that there is. */
const LONGEST = '24 days';
const LONGEST_SECONDS = 24 * 86_400;

/** Variables that a script finds without being told (docs/tasks.md). */
const GIVEN = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'];
/** Variables that bash sets. https://www.gnu.org/software/bash/manual/html_node/Bash-Variables.html */
const OF_BASH =
  /^(BASH\w*|PWD|OLDPWD|SHLVL|RANDOM|SRANDOM|SECONDS|EPOCH\w+|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE|UID|EUID|GROUPS|PPID|LINENO|IFS|PIPESTATUS|FUNCNAME|OPTIND|OPTARG|REPLY|PS4|_)$/;

/** What a BashOperator may say. https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/bash.html */
export const OF_BASH_OPERATOR: Keywords = {
  bash_command: (value, given) => {
    if (typeof value !== 'string') return `its command is made by code: ${codeOf(value)}`;
    if (isTemplate(value))
      return "its command is made by Jinja: a script reads $SLUICE_INTERVAL_START and $SLUICE_INPUT instead ('{{ ds }}' is the day that the interval starts on)";
    if (/\.(sh|bash)$/.test(value))
      return `Airflow reads ${value} as a template; put the script into tasks/: script: ['bash', 'name.sh']`;
    const missing = variablesOf(value).filter((name) => !isThere(name, given['env']));
    return missing.length
      ? `it reads ${missing.map((name) => `$${name}`).join(', ')} of Airflow's worker: name them in the profile, 'tasks.<task>.env', or write them down`
      : undefined;
  },
  env: (value) => {
    if (value === null) return undefined;
    const isWritten = typeof value === 'object' && !isMadeByCode(value);
    return isWritten && Object.values(value).every((text) => textOf(text) !== undefined)
      ? undefined
      : "env: made by Jinja or code: 'tasks.<task>.env' of the profile";
  },
  append_env: only([false, null], 'append_env: the environment of a worker is not handed to scripts'),
  cwd: (value) =>
    value === null || textOf(value)?.startsWith('/')
      ? undefined
      : `cwd ${codeOf(value)}: is no absolute path that is written down`,
  execution_timeout: inSeconds('execution_timeout', LONGEST_SECONDS),
  skip_on_exit_code: only([99, [99]], 'skip_on_exit_code: it is 99 here'),
  output_encoding: only(['utf-8', 'utf8'], 'output_encoding: lines are UTF-8'),
  do_xcom_push: fine,
};

/** The same program with the same environment, tried as often. */
export function scriptOf(given: Given): Readonly<Record<string, unknown>> {
  const command = String(given['bash_command']);
  const env = given['env'] ?? undefined;
  const program = [
    ...(env === undefined
      ? []
      : ['env', '-i', ...Object.entries(env).map(([name, text]) => `${name}=${String(text)}`)]),
    'bash',
    '-c',
  ];
  const cwd = textOf(given['cwd']);
  return {
    script:
      cwd === undefined ? [...program, command] : [...program, 'cd "$0" && exec bash -c "$1"', cwd, command],
    timeout: durationText(secondsOf(given['execution_timeout'])) ?? LONGEST,
    ...attemptsOf(given),
  };
}

/** Airflow tries whatever failed again, after 5 minutes if nothing else is said. */
function attemptsOf(given: Given): Readonly<Record<string, unknown>> {
  const retries = Number(given['retries'] ?? 0);
  if (retries === 0) return { attempts: 1 };
  return {
    attempts: 1 + retries,
    retry: { after: durationText(secondsOf(given['retry_delay'])) ?? '5 minutes' },
  };
}

function isThere(name: string, env: unknown): boolean {
  if (OF_BASH.test(name)) return true;
  return env === undefined || env === null ? GIVEN.includes(name) : typeof env === 'object' && name in env;
}

/** Variables that a command reads and has not itself set before, as far as its text tells. */
function variablesOf(command: string): string[] {
  const read = [...command.matchAll(/\$(?:\{[#!]?)?([A-Za-z_]\w*)/g)];
  const unset = read.filter(({ 1: name = '', index }) => !isSetBefore(name, command, index));
  return [...new Set(unset.map(({ 1: name = '' }) => name))];
}

/** By an assignment that is a command of its own (`A=1 run $A` reads the one outside), a loop, or `read`. */
function isSetBefore(name: string, command: string, index: number): boolean {
  const value = `("[^"]*"|'[^']*'|\\$\\([^)]*\\)|[^\\s;&|"'$])*`;
  const set = new RegExp(
    `(^|[\\s;&|(])(${name}=${value}[ \\t]*(;|&&|\\n|$)|for\\s+${name}\\s+in\\b|read\\b[^;|&\\n]*\\s${name}\\b)`,
    'm',
  ).exec(command);
  return set !== null && set.index + set[0].length <= index + 1;
}

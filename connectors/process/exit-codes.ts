import { constants } from 'node:os';

/** What a program's exit code asks for; 75 is `EX_TEMPFAIL` of sysexits.h, 99 what Airflow's BashOperator calls skipped. */
export const TRY_AGAIN = 75;
export const SKIP = 99;
/** What a shell says of a program that is there but cannot be run, and of one that is not there. */
export const NOT_EXECUTABLE = 126;
export const NOT_FOUND = 127;

/** Codes from here on: shells, and engines of containers, say so which signal ended a program that they had started. */
const BY_SIGNAL = 128;
/** Signals that come from outside or from the program's own fault, and end it. */
const ENDING = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGXCPU'] as const;

/** The signal that an exit code stands for; undefined where it stands for itself. Whatever it did, a program that one has ended may be tried again. */
export function signalOf(code: number | null): NodeJS.Signals | undefined {
  return ENDING.find((name) => code === BY_SIGNAL + constants.signals[name]);
}

import { messageOf, PipelineError, TerminalError, TransientError, Unreachable } from '../../core/errors.ts';

/** A load id, or its manifest, that is there already. */
export class LoadIdTaken extends TerminalError {
  override name = 'LoadIdTaken';

  constructor(place: string) {
    super(`${place} is there already. Every attempt needs a load id of its own: start the step again.`);
  }
}

/** What an attempt left in its folder is not what it says. */
export class LoadIncomplete extends TerminalError {
  override name = 'LoadIncomplete';

  constructor(place: string, problems: readonly string[]) {
    super(
      `The files in ${place} are not those of the load:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
        `Nothing was committed; extract the table again.`,
    );
  }
}

export class ManifestMissing extends TerminalError {
  override name = 'ManifestMissing';

  constructor(uri: string) {
    super(
      `There is no manifest ${uri}: the load was never committed, or was removed. Extract the table again.`,
    );
  }
}

/** A publication that was there a moment ago. */
export class LakeFileMissing extends TransientError {
  override name = 'LakeFileMissing';

  constructor(uri: string) {
    super(`${uri} has gone since it was listed. It is looked for again.`);
  }
}

export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** What passes by itself, on a disk or a share. A full disk does not: people free it. */
const PASSING = new Set([
  'EMFILE',
  'ENFILE',
  'EAGAIN',
  'EBUSY',
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'ENOTCONN',
  'EINTR',
]);

const NEXT_STEPS: Readonly<Record<string, string>> = {
  EACCES: 'may not be written by this user. Give it the right to write there, or choose another lake folder.',
  EPERM: 'may not be written by this user. Give it the right to write there, or choose another lake folder.',
  EROFS: 'is on a read-only file system. Mount it for writing, or choose another lake folder.',
  ENOSPC:
    'is on a full disk. Free space there, then rerun; `sluice lake gc` removes loads that are no longer current.',
  EDQUOT:
    'is over its quota. Free space there, then rerun; `sluice lake gc` removes loads that are no longer current.',
  ENOTDIR: 'is a file where a folder must be. Choose another lake folder, or move the file away.',
  ENAMETOOLONG: 'has a name too long for the file system. Shorten the domain or table name.',
};

/** Turns what the file system threw into ours, once. Our own errors pass as they are. */
export function translated(error: unknown, place: string): Error {
  if (error instanceof PipelineError) return error;
  const code = codeOf(error);
  const next = NEXT_STEPS[code];
  const Kind = PASSING.has(code) ? Unreachable : next ? TerminalError : TransientError;
  return new Kind(
    next ? `${place} ${next}` : `${place} could not be used: ${messageOf(error)}. Look at the disk.`,
    { cause: error },
  );
}

import { TerminalError, TransientError, Unreachable } from '../../../core/errors.ts';
import { isOfStatement, ownWords, withoutValues } from '../../../core/values.ts';
import type { LogReader } from './log.ts';
import { messageOfDbt } from './message.ts';
import type { Exit } from '../../process/fenced.ts';
import type { NodeResult } from '../port.ts';

/** The warehouse was busy or away: the same build may succeed later. */
const passing = [
  /Could not set lock on file/i,
  /Conflicting lock/i,
  /connection (refused|reset|timed out)/i,
  /could not (connect|translate host)/i,
  /server closed the connection/i,
  /(connection|socket|communication).{0,40}(closed|broken|lost|terminated)/i,
  /Serializable isolation violation|\b1023\b.{0,40}conflict|deadlock detected/i,
];

/** The project or the data is at fault: the same build ends the same way. */
const atFault =
  /(Compilation|Parsing|Validation|Dependency|Dbt\w*|Contract|Parser|Binder|Catalog|Conversion|Constraint|Invalid \w+|Out of Range|Not implemented|Mismatch Type|Usage|Undefined\w*) Error|syntax error|does not exist|permission denied|cannot|invalid|violates|not (a )?(valid|found|supported|recognized)|depends? on|contract|Env var required|unit test|Project loading failed|No such (option|command)|no (comparison|previous state)|could not find/i;

/** Failing nodes that are described; the others are counted. */
const described = 10;
/** Characters of a whole message: it travels through histories. */
const messageLength = 6_000;

export interface Failure {
  readonly exit: Exit;
  /** Of this attempt; none when dbt failed before it ran a node. */
  readonly nodes: readonly NodeResult[];
  readonly log: LogReader;
  readonly clean: (text: string) => string;
  readonly projectDir: string;
  readonly python: string;
}

/** One error for a failed build, naming what failed, where its SQL is and what to do next. */
export function toError(failure: Failure): TerminalError | TransientError {
  const failed = failure.nodes.filter((node) => node.status === 'error' || node.status === 'fail');
  const error = failed.length > 0 ? nodesFailed(failed, failure) : didNotRun(failure);
  error.detail = {
    nodes: failure.nodes.map(({ id, status, seconds, message }) => ({ id, status, seconds, message })),
  };
  return error;
}

function nodesFailed(failed: readonly NodeResult[], { nodes, log, clean, projectDir }: Failure) {
  const skipped = nodes.filter((node) => node.status === 'skipped').length;
  const lines = failed.slice(0, described).map((node) => {
    const path = log.compiledPath(node.id);
    const message = (node.message ?? 'no message').replaceAll(/\s*\n\s*/g, ' ');
    return `  - ${node.id} (${node.status}): ${message}${path ? `\n    compiled SQL: ${path}` : ''}`;
  });
  if (failed.length > described) lines.push(`  - and ${failed.length - described} more`);
  const passes = failed.every((node) => isPassing(node.message ?? ''));
  const known = failed.some((node) => node.status === 'fail' || atFault.test(node.message ?? ''));
  const next = passes
    ? 'The warehouse was busy or could not be reached; the build is tried again.'
    : `Run the compiled SQL to see the rows or the mistake, correct the model in ${projectDir} or the data, and rerun: what succeeded is left out.`;
  const text = clean(
    `dbt: ${failed.length} of ${nodes.length} nodes failed, ${skipped} skipped:\n${lines.join('\n')}`,
  );
  const message = `${cut(text)}\n${next}`;
  if (passes) return new Unreachable(message);
  return known ? new TerminalError(message) : new TransientError(message);
}

function didNotRun({ exit, log, clean, projectDir, python }: Failure) {
  if (exit.notStarted !== undefined || exit.code === 3) {
    const why = exit.notStarted ?? exit.stderrTail.trim();
    return new TerminalError(
      `dbt could not be started with ${python}: ${clean(why)}. Run 'sluice setup', or name a Python that has it as 'transform.python' of the profile.`,
    );
  }
  const why =
    log.errors.map(messageOfDbt).join('\n') || withoutValues(exit.stderrTail.trim()) || 'it gave no reason';
  const text = cut(clean(why));
  if (exit.signal !== null) {
    return new TransientError(
      `dbt was ended by ${exit.signal}, perhaps for want of memory: ${text}\nThe build is tried again; if that goes on, look at the machine's memory.`,
    );
  }
  if (isPassing(why)) {
    return new Unreachable(
      `dbt could not reach the warehouse: ${text}\nThe build is tried again; if that goes on, end the program that holds the warehouse, or start the warehouse.`,
    );
  }
  const Kind = atFault.test(why) ? TerminalError : TransientError;
  return new Kind(`dbt could not build ${projectDir}: ${text}\nCorrect it, then rerun.`);
}

function isPassing(message: string): boolean {
  return !isOfStatement(message) && passing.some((pattern) => pattern.test(ownWords(message)));
}

function cut(text: string): string {
  return text.length > messageLength ? `${text.slice(0, messageLength)} …` : text;
}

/** Takes the values of handed-over secrets (by the variable's name) out of a text. */
export function cleaner(handedOver: Readonly<Record<string, string>>): (text: string) => string {
  const secrets = Object.entries(handedOver)
    .filter(([name, value]) => value !== '' && /PASSWORD|SECRET|TOKEN|CREDENTIAL|KEY/i.test(name))
    .map(([, value]) => value)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text);
}

import {
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
  messageOf,
} from '../../../core/errors.ts';
import { awsError } from '../../aws/errors.ts';

/** Turns what the SDK threw into ours, once. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html#API_RunTask_Errors */
export function ecsFailure(error: unknown, subject: string): Error {
  if (error instanceof PipelineError) return error;
  const name = error instanceof Error ? error.name : '';
  const said = messageOf(error);
  const cause = { cause: error };
  if (/ClusterNotFound/.test(name))
    return new TerminalError(
      `${subject}: there is no such ECS cluster (${said}). Correct 'jobs.container.cluster' in the profile.`,
      cause,
    );
  if (/LimitExceeded|Blocked/.test(name) || /limit on the number of tasks/i.test(said))
    return new Unreachable(
      `${subject}: the account runs as many tasks as it may (${said}). It waits.`,
      cause,
    );
  if (/^(ClientException|InvalidParameterException|UnsupportedFeatureException|Platform\w+)$/.test(name))
    return new TerminalError(
      `${subject}: ECS refuses it: ${said}. Correct 'container', or 'jobs.container' in the profile.`,
      cause,
    );
  return awsError(error, `${subject}, on ECS`);
}

/** Of a task that never began its container. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export function notBegun(subject: string, image: string, reason: string): Error {
  if (/CannotPullContainer/.test(reason) && /not found|manifest|denied|unauthori|no basic auth/i.test(reason))
    return new TerminalError(
      `${subject}: image '${image}' cannot be had: ${reason}. Correct 'container.image', push it, or let the execution role pull it.`,
    );
  if (/\bexec\b|executable|no such file|permission denied/i.test(reason))
    return new TerminalError(`${subject} cannot be run: ${reason}. Correct 'command', or the image.`);
  return new TransientError(
    `${subject}: its container was not begun: ${reason || 'ECS gives no reason'}. It is tried again.`,
  );
}

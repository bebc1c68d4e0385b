import { intervalText } from '../../core/interval.ts';
import type { Notice } from './port.ts';

/** What fits into a subject, which SNS limits to 99 ASCII characters without line breaks. */
export function subjectOf(notice: Notice): string {
  return titleOf(notice)
    .replace(/[^ -~]/g, '?')
    .slice(0, 99);
}

function titleOf(notice: Notice): string {
  switch (notice.kind) {
    case 'run-failed':
      return `Failed: ${notice.pipeline} ${intervalText(notice.interval)}`;
    case 'run-warned':
      return `To be looked at: ${notice.pipeline} ${intervalText(notice.interval)}`;
    case 'stale':
      return `${notice.severity === 'error' ? 'Stale' : 'Getting stale'}: ${notice.pipeline}`;
  }
}

/** The whole story in a few lines. */
export function bodyOf(notice: Notice): string {
  if (notice.kind === 'run-failed') {
    const { pipeline, interval, runId, message, link } = notice;
    return [
      `The run of ${pipeline} over ${intervalText(interval)} failed.`,
      message,
      `Run: ${link ?? runId}`,
      `To run it again: sluice rerun ${runId}`,
    ].join('\n\n');
  }
  if (notice.kind === 'run-warned') {
    const { pipeline, interval, runId, warnings, link } = notice;
    return [
      `The run of ${pipeline} over ${intervalText(interval)} succeeded; its checks have found:`,
      ...warnings.map((warning) => `- ${warning}`),
      `Run: ${link ?? runId}`,
    ].join('\n\n');
  }
  const { pipeline, severity, limit, loadedUpTo } = notice;
  const since =
    loadedUpTo === null ? 'Not every table of it has been loaded yet' : `It is loaded up to ${loadedUpTo}`;
  return [
    `Pipeline ${pipeline} is older than it allows itself to be.`,
    `${since}; ${severity === 'error' ? 'an error' : 'a warning'} is due after ${limit}.`,
    `To see what is missing: sluice status ${pipeline}`,
  ].join('\n\n');
}

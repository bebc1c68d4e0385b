import { intervalText } from '../../core/interval.ts';
import type { Notice } from './port.ts';

/** What fits into a subject, which SNS limits to 99 ASCII characters without line breaks. */
export function subjectOf(notice: Notice): string {
  const text =
    notice.kind === 'run-failed'
      ? `Failed: ${notice.pipeline} ${intervalText(notice.interval)}`
      : `${notice.severity === 'error' ? 'Stale' : 'Getting stale'}: ${notice.pipeline}`;
  return text.replace(/[^ -~]/g, '?').slice(0, 99);
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
  const { pipeline, severity, limit, loadedUpTo } = notice;
  const since =
    loadedUpTo === null ? 'Not every table of it has been loaded yet' : `It is loaded up to ${loadedUpTo}`;
  return [
    `Pipeline ${pipeline} is older than it allows itself to be.`,
    `${since}; ${severity === 'error' ? 'an error' : 'a warning'} is due after ${limit}.`,
    `To see what is missing: sluice status ${pipeline}`,
  ].join('\n\n');
}

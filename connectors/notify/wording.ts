import { intervalText } from '../../core/interval.ts';
import type { Notice } from '../../core/notices/notice.ts';

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
    case 'approval':
      return `Waiting for approval: ${notice.pipeline} ${intervalText(notice.interval)}`;
    case 'stale':
      return `${notice.severity === 'error' ? 'Stale' : 'Getting stale'}: ${notice.pipeline}`;
    case 'deadline':
      return `Late: ${notice.pipeline} ${intervalText(notice.interval)}`;
    case 'recovered':
      return `Well again: ${notice.pipeline}`;
  }
}

/** The whole story in a few lines. */
export function bodyOf(notice: Notice): string {
  return linesOf(notice).join('\n\n');
}

function linesOf(notice: Notice): readonly string[] {
  const { pipeline } = notice;
  switch (notice.kind) {
    case 'run-failed':
      return [
        `The run of ${pipeline} over ${intervalText(notice.interval)} failed.`,
        notice.message,
        `Run: ${notice.link ?? notice.runId}`,
        `To run it again: sluice rerun ${notice.runId}`,
      ];
    case 'run-warned':
      return [
        `The run of ${pipeline} over ${intervalText(notice.interval)} succeeded; its checks have found:`,
        ...notice.warnings.map((warning) => `- ${warning}`),
        `Run: ${notice.link ?? notice.runId}`,
      ];
    case 'approval':
      return [
        `The run of ${pipeline} over ${intervalText(notice.interval)} waits at '${notice.step}': ${notice.question}`,
        `Run: ${notice.link ?? notice.runId}`,
        `To let it go ahead: sluice approve ${notice.workflowId} ${notice.step} (or --reject)`,
      ];
    case 'stale': {
      const since =
        notice.loadedUpTo === null
          ? 'Not every table of it has been loaded yet'
          : `It is loaded up to ${notice.loadedUpTo}`;
      return [
        `Pipeline ${pipeline} is older than it allows itself to be.`,
        `${since}; ${notice.severity === 'error' ? 'an error' : 'a warning'} is due after ${notice.limit}.`,
        `To see what is missing: sluice status ${pipeline}`,
      ];
    }
    case 'deadline':
      return [
        `No run of ${pipeline} over ${intervalText(notice.interval)} had succeeded by ${notice.deadline}.`,
        `To see how it stands: sluice status ${pipeline}`,
      ];
    case 'recovered':
      return [
        `${notice.of.map((kind) => WELL_AGAIN[kind]).join('; ')}. It was told of at ${notice.since}.`,
        `To see whether anything is missing: sluice status ${pipeline}`,
      ];
  }
}

const WELL_AGAIN = {
  'run-failed': 'What failed has succeeded',
  stale: 'It is as fresh as it should be',
  deadline: 'What was late is done',
} as const;

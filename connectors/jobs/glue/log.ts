import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

const EVENTS = 60; // of the end of the log
const LIMIT = 4_000; // characters that go into a failure's message; a larger one would not fit Temporal's limits

/**
 * The end of a job run's error log, without the JVM's chatter. The stream of the driver has the run's name, with `-driver` where
 * logging is continuous. https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
 * @param group `/aws-glue/jobs`, as GetJobRun says
 * @returns why there is none, in words, where it cannot be read: a failure must not hide behind another
 */
export async function logTail(
  client: CloudWatchLogsClient,
  group: string,
  jobRunId: string,
): Promise<string> {
  let unread = '';
  for (const logStreamName of [jobRunId, `${jobRunId}-driver`]) {
    try {
      const { events = [] } = await client.send(
        new GetLogEventsCommand({
          logGroupName: `${group}/error`,
          logStreamName,
          limit: EVENTS,
          startFromHead: false,
        }),
      );
      const lines = events.flatMap(({ message = '' }) => message.split('\n')).filter(isWorthReading);
      return lines.join('\n').slice(-LIMIT);
    } catch (error) {
      unread = error instanceof Error ? error.name : 'unknown';
      if (unread !== 'ResourceNotFoundException') break;
    }
  }
  return `(its log ${group}/error, stream ${jobRunId}, cannot be read: ${unread})`;
}

function isWorthReading(line: string): boolean {
  return line.trim() !== '' && !/^\s+at |^\d\d\/\d\d\/\d\d [\d:]+ INFO |^\s*\.\.\. \d+ more/.test(line);
}

import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { MAIN } from './task-definition.ts';

const PAGES = 20; // at a time: of a flood the rest comes with the next look

/** Follows the log of a container: CloudWatch is asked now and then. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
export class TaskLog {
  readonly #client: CloudWatchLogsClient;
  readonly #group: string;
  readonly #stream: string;
  readonly #onLine: (line: string) => void;
  #token: string | undefined;

  constructor(client: CloudWatchLogsClient, group: string, taskId: string, onLine: (line: string) => void) {
    this.#client = client;
    this.#group = group;
    this.#stream = `task/${MAIN}/${taskId}`;
    this.#onLine = onLine;
  }

  /** Gives what is new. What is missing of a log fails no container: it is said in its place. */
  async look(isLast = false): Promise<void> {
    try {
      for (let page = 0; page < PAGES; page += 1) {
        const { events = [], nextForwardToken } = await this.#client.send(
          new GetLogEventsCommand({
            logGroupName: this.#group,
            logStreamName: this.#stream,
            startFromHead: true,
            ...(this.#token === undefined ? {} : { nextToken: this.#token }),
          }),
        );
        for (const { message = '' } of events) this.#onLine(message);
        // The same token again: its end.
        if (nextForwardToken === this.#token) return;
        this.#token = nextForwardToken;
      }
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      // A container that has not written yet has no log.
      if (isLast && name !== 'ResourceNotFoundException')
        this.#onLine(`(its log ${this.#group}, stream ${this.#stream}, cannot be read: ${name})`);
    }
  }
}

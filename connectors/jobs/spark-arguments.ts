import type { SparkTaskJob } from './port.ts';

/** What a job of a task is started with, wherever that is; where it finds its input and leaves its output is the runner's. */
export function argumentsOf(
  { arguments: given, token }: Pick<SparkTaskJob, 'arguments' | 'token'>,
  inputUri: string,
  outputUri: string,
): string[] {
  const all = { ...given, '--input-uri': inputUri, '--output-uri': outputUri, '--token': token };
  return Object.entries(all).flat();
}

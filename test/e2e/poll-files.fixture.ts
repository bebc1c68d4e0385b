import {
  ApplicationFailure,
  condition,
  defineSignal,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';

export { pollFiles } from '../../workflows/poll-files.ts';

export const end = defineSignal('end');

const { open, close } = proxyActivities<{
  open(interval: string): Promise<boolean>;
  close(interval: string): Promise<void>;
}>({
  startToCloseTimeout: '1 minute',
});

/** A run that takes its batch, and goes on until it is told to end; or that fails before. */
export async function runPipeline({ interval }: { readonly interval: string }): Promise<void> {
  let isOver = false;
  setHandler(end, () => {
    isOver = true;
  });
  if (!(await open(interval))) throw ApplicationFailure.nonRetryable('it could not begin');
  await condition(() => isOver);
  await close(interval);
}

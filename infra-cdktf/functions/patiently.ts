import { setTimeout as pause } from 'node:timers/promises';

const attempts = 13;
const pauseMs = 5000;

/** IAM needs up to a minute until a permission that was just given holds everywhere: a refusal is believed after that. */
export async function patiently<T>(
  call: () => Promise<T>,
  wait: () => Promise<unknown> = () => pause(pauseMs),
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === attempts || !(error instanceof Error) || !/^AccessDenied/.test(error.name)) throw error;
      await wait();
    }
  }
}

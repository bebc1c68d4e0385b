import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { RunEvent } from '../../core/lineage/open-lineage.ts';
import type { LineageSink } from './port.ts';

export interface HttpLineageOptions {
  /** The whole address: `http://marquez:5000/api/v1/lineage`. */
  readonly url: string;
  /** Sent as a bearer token. Secret: never shown. */
  readonly token: string | undefined;
}

const TIMEOUT_MS = 5_000;

/** Posts each event as JSON: https://openlineage.io/apidocs/openapi/#tag/OpenLineage/operation/postRunEvent */
export class HttpLineage implements LineageSink {
  readonly #options: HttpLineageOptions;

  constructor(options: HttpLineageOptions) {
    this.#options = options;
  }

  async send(event: RunEvent): Promise<void> {
    const { url, token } = this.#options;
    const { host } = new URL(url);
    let answer: Response;
    try {
      answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.body?.cancel();
    } catch (error) {
      throw new TransientError(`The lineage endpoint at ${host} could not be reached: ${messageOf(error)}.`, {
        cause: error,
      });
    }
    if (answer.ok) return;
    const isBusy = answer.status === 429 || answer.status >= 500;
    throw new (isBusy ? TransientError : TerminalError)(
      `The lineage endpoint at ${host} answers ${answer.status}.${isBusy ? '' : " Correct 'lineage' in the profile."}`,
    );
  }
}

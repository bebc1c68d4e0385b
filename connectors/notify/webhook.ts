import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { Notice } from '../../core/notices/notice.ts';
import type { Notify } from './port.ts';
import { bodyOf, subjectOf } from './wording.ts';

export interface WebhookNotifyOptions {
  /** A Slack, Mattermost or Teams incoming webhook, or any address that takes JSON. Holds a secret: never shown. */
  readonly url: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Posts JSON: `text`, which chat systems show (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks),
 * and `notice` with the fields, for programs. In the text `&`, `<` and `>` are written as Slack and Markdown read them: nobody's words become a mention or a link.
 */
export class WebhookNotify implements Notify {
  readonly #url: string;

  constructor({ url }: WebhookNotifyOptions) {
    this.#url = url;
  }

  async send(notice: Notice): Promise<void> {
    const host = new URL(this.#url).host;
    let answer: Response;
    try {
      answer = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: escaped(`*${subjectOf(notice)}*\n${bodyOf(notice)}`), notice }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new TransientError(
        `The webhook at ${host} could not be reached (${messageOf(error)}). Try again.`,
        {
          cause: error,
        },
      );
    }
    if (answer.ok) return;
    const busy = answer.status === 429 || answer.status >= 500;
    const Kind = busy ? TransientError : TerminalError;
    throw new Kind(
      `The webhook at ${host} answers ${answer.status}. ${busy ? 'Try again.' : 'Correct its address in the profile.'}`,
    );
  }
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

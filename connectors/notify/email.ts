import { createTransport, type Transporter } from 'nodemailer';
import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { Notice } from '../../core/notices/notice.ts';
import type { Notify } from './port.ts';
import { bodyOf, subjectOf } from './wording.ts';

export interface EmailNotifyOptions {
  /** `smtps://user:password@host:465`, or `smtp://host:587`. Holds a secret: never shown. */
  readonly server: string;
  readonly from: string;
  readonly to: readonly string[];
}

const TIMEOUT_MS = 10_000;
/** Answers that stay what they are, however often one asks. @see https://nodemailer.com/smtp/ */
const TERMINAL = ['EAUTH', 'EENVELOPE'];

/** Plain text by SMTP. */
export class EmailNotify implements Notify {
  readonly #transport: Transporter;
  readonly #options: EmailNotifyOptions;
  readonly #host: string;

  constructor(options: EmailNotifyOptions) {
    this.#options = options;
    this.#host = new URL(options.server).host;
    this.#transport = createTransport({
      url: options.server,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
  }

  async send(notice: Notice): Promise<void> {
    const { from, to } = this.#options;
    try {
      await this.#transport.sendMail({ from, to: [...to], subject: subjectOf(notice), text: bodyOf(notice) });
    } catch (error) {
      const { code = '', responseCode = 0 } = error as { code?: string; responseCode?: number };
      const said = `The mail server at ${this.#host} did not take the notice (${this.#cleaned(messageOf(error))})`;
      // 5xx is the server's last word, 4xx is not. @see RFC 5321, 4.2.1
      if (responseCode >= 500 || (TERMINAL.includes(code) && responseCode === 0))
        throw new TerminalError(`${said}. Correct server, user or addresses in 'notify' of the profile.`);
      throw new TransientError(`${said}. Try again.`);
    }
  }

  #cleaned(text: string): string {
    const { username, password } = new URL(this.#options.server);
    return [username, password]
      .flatMap((secret) => (secret ? [secret, decodeURIComponent(secret)] : []))
      .reduce((left, secret) => left.replaceAll(secret, '…'), text.split('\n')[0] ?? '');
  }
}

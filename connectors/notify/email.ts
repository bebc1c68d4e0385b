import { createTransport, type Transporter } from 'nodemailer';
import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { Notice } from '../../core/notices/notice.ts';
import type { Notify } from './port.ts';
import { bodyOf, subjectOf } from './wording.ts';

export interface EmailNotifyOptions {
  /** `smtps://user:password@host:465`, or `smtp://host:587`. Holds a secret: never shown. */
  readonly server: string;
  readonly from: string;
  readonly to: string;
}

const CONNECT_MS = 10_000;
/** Whoever looks into mails takes its time to answer; one who gave up too early would send again what was taken. */
const ANSWER_MS = 60_000;
/** Answers that stay what they are, however often one asks. @see https://nodemailer.com/smtp/ */
const TERMINAL = ['EAUTH', 'EENVELOPE'];
/** What Node says of a certificate that it does not trust, for whatever reason: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const DISTRUST = /certificate/;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Plain text by SMTP. */
export class EmailNotify implements Notify {
  readonly #transport: Transporter;
  readonly #options: EmailNotifyOptions;
  readonly #host: string;

  constructor(options: EmailNotifyOptions) {
    this.#options = options;
    const { host, hostname, protocol, username } = new URL(options.server);
    this.#host = host;
    this.#transport = createTransport({
      url: options.server,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
      // A password goes over no open line, but for one that does not leave this machine.
      requireTLS: protocol === 'smtp:' && username !== '' && !LOOPBACK.test(hostname),
    });
  }

  async send(notice: Notice): Promise<void> {
    const { from, to } = this.#options;
    try {
      await this.#transport.sendMail({ from, to, subject: subjectOf(notice), text: bodyOf(notice) });
    } catch (error) {
      const { code = '', responseCode = 0 } = error as { code?: string; responseCode?: number };
      const said = `The mail server at ${this.#host} did not take the notice (${this.#cleaned(messageOf(error))})`;
      // 5xx is the server's last word, 4xx is not. @see RFC 5321, 4.2.1
      if (responseCode >= 500 || (TERMINAL.includes(code) && responseCode === 0))
        throw new TerminalError(`${said}. Correct server, user or addresses in 'notify' of the profile.`);
      throw new TransientError(
        responseCode === 0 && DISTRUST.test(messageOf(error))
          ? `${said}. Name its authority in NODE_EXTRA_CA_CERTS of the worker, and start that anew, or have the server's certificate mended.`
          : `${said}. Try again.`,
      );
    }
  }

  #cleaned(text: string): string {
    const { username, password } = new URL(this.#options.server);
    return [username, password]
      .flatMap((secret) => (secret ? [secret, decodeURIComponent(secret)] : []))
      .reduce((left, secret) => left.replaceAll(secret, '…'), text.split('\n')[0] ?? '');
  }
}

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { messageOf, TerminalError, TransientError } from '../../core/errors.ts';
import type { Notice } from '../../core/notices/notice.ts';
import type { Notify } from './port.ts';
import { bodyOf, subjectOf } from './wording.ts';

export interface SnsNotifyOptions {
  readonly topicArn: string;
  /** Where absent, the SDK finds it in the environment. Endpoint: `AWS_ENDPOINT_URL_SNS`. */
  readonly region?: string;
}

const TERMINAL: Readonly<Record<string, string>> = {
  NotFoundException: 'there is no such topic; create it, or correct the ARN',
  NotFound: 'there is no such topic; create it, or correct the ARN',
  AuthorizationErrorException: 'access is denied; give the role sns:Publish on it',
  AuthorizationError: 'access is denied; give the role sns:Publish on it',
  AccessDenied: 'access is denied; give the role sns:Publish on it',
  InvalidParameterException: 'SNS refuses the notice',
  InvalidParameter: 'SNS refuses the notice',
  CredentialsProviderError: 'there are no AWS credentials; give the worker a role',
};
const BODY_LIMIT = 200_000; // bytes are limited to 256 KiB; characters are at most 4, but messages are cut long before

/** An Amazon SNS topic. Subscribers filter by the attributes `kind` and `pipeline`. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export class SnsNotify implements Notify {
  readonly #client: SNSClient;
  readonly #topicArn: string;

  constructor({ topicArn, region }: SnsNotifyOptions) {
    this.#client = new SNSClient(region ? { region } : {});
    this.#topicArn = topicArn;
  }

  async send(notice: Notice): Promise<void> {
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    try {
      await this.#client.send(
        new PublishCommand({
          TopicArn: this.#topicArn,
          Subject: subjectOf(notice),
          Message: bodyOf(notice).slice(0, BODY_LIMIT),
          MessageAttributes: { kind: attribute(notice.kind), pipeline: attribute(notice.pipeline) },
        }),
      );
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      const reason = TERMINAL[name];
      const said = messageOf(error);
      if (reason)
        throw new TerminalError(`SNS topic ${this.#topicArn}: ${reason} (${said}).`, { cause: error });
      throw new TransientError(
        `SNS topic ${this.#topicArn} could not be reached (${name}: ${said}). Try again.`,
        {
          cause: error,
        },
      );
    }
  }
}

/** A failure that the service answers with; its code is what the SDK makes the error's name. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  /** What it holds beside its message. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

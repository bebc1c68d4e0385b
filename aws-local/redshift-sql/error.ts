/** What Redshift would answer: an SQLSTATE and a message without the leading `ERROR:`. */
export class RedshiftError extends Error {
  override name = 'RedshiftError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function syntaxError(near: string): RedshiftError {
  return new RedshiftError('42601', `syntax error at or near "${near}"`);
}

export function unsupported(what: string): RedshiftError {
  return new RedshiftError('0A000', `${what} is not supported`);
}

/** Where values come from that do not belong in a file: `${NAME}`, `${file:/run/secrets/name}`. */
export interface Secrets {
  /** The word before the colon of a reference. */
  readonly scheme: string;
  /** @returns undefined when there is no such value @throws {TerminalError} when the place cannot be read */
  read(name: string): Promise<string | undefined>;
}

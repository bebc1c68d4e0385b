/** The stream of changes that a pipeline reads from a database. */
export interface Subject {
  /** The connection's name in the profile. */
  readonly connection: string;
  readonly pipeline: string;
  /** Of the slot and of the publication. */
  readonly stream: string;
}

/** What to run where changes are missing for good. */
export function restart({ connection, pipeline }: Subject): string {
  return (
    `Run 'sluice source drop ${connection} ${pipeline}', then the pipeline: it makes the stream anew and reads merged tables from their beginning; ` +
    `drop tables that are appended to in the warehouse first.`
  );
}

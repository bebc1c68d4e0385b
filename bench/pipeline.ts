/** A definition of tasks alone, to be measured. */
export function aPipeline(name: string, tasks: object): object {
  return { name, description: 'A bench', schedule: 'manual', start: '2018-01-01', tasks };
}

import { Argument, type Command } from 'commander';
import { assess } from '../airflow/assess.ts';
import { readDags } from '../airflow/read.ts';
import { assessmentText } from '../airflow/text.ts';
import { example, invocation } from './globals.ts';

export function migrateCommand(command: Command): void {
  command
    .addArgument(new Argument('<from>', 'what it was written for').choices(['airflow']))
    .argument('<path>', 'a DAG file, or the folder of them')
    .addHelpText(
      'after',
      example('sluice migrate airflow ~/airflow/dags', 'sluice migrate airflow dags/nightly.py --json'),
    )
    .action(async (_from: string, path: string, _options: unknown, command: Command) => {
      const { output } = invocation(command);
      const assessment = assess(await readDags(path));
      output.result(assessment, assessmentText(assessment));
    });
}

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A stand-in for Spark's own `spark-submit`: it runs the job by Python, and ends with what Python ends with, as Spark does. For what
 * has nothing to do with Spark, and would cost seconds of it each time.
 * @param python takes it, as a Python environment with pyspark would have it
 */
export function writeSubmit(python: string): void {
  const bin = join(python, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'spark-submit'),
    `#!/bin/sh
while ! test "\${1%.py}" != "$1"; do shift; done
python3 "$@"
exit $?
`,
  );
  chmodSync(join(bin, 'spark-submit'), 0o755);
}

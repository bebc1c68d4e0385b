import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { howToGet, TOOLS } from '../services/tools.ts';

/** Where Spark, Java and the jars are. */
export interface SparkTools {
  /** A Python environment with pyspark. */
  readonly python: string;
  readonly jars: readonly string[];
  readonly javaHome: string | undefined;
}

/** @returns what is missing, in words, where Spark cannot run */
export function findSpark(): SparkTools | string {
  const python = join(TOOLS, 'spark');
  if (!existsSync(join(python, 'bin', 'spark-submit'))) return howToGet('Spark (.tools/spark)');
  const folder = join(TOOLS, 'jars');
  const jars = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jar')) : [];
  for (const needed of ['hadoop-aws', 'aws-java-sdk-bundle', 'postgresql']) {
    if (!jars.some((name) => name.startsWith(needed))) return howToGet(`${needed} jar (.tools/jars)`);
  }
  const own = join(TOOLS, 'java');
  const javaHome = process.env['JAVA_HOME'] ?? (existsSync(join(own, 'bin', 'java')) ? own : undefined);
  return { python, jars: jars.map((name) => join(folder, name)), javaHome };
}

export interface SubmitOptions {
  readonly tools: SparkTools;
  readonly script: string;
  readonly pyFiles: readonly string[];
  readonly arguments: readonly string[];
  readonly s3: { readonly endpoint: string; readonly region: string };
  /** Takes what Spark spills. */
  readonly scratch: string;
  readonly memory: string;
}

/** The command line that runs a script as Glue does, on two threads of this machine, with `s3://` on our S3 server. */
export function sparkSubmit(options: SubmitOptions): { command: string; args: string[] } {
  const { tools, script, pyFiles, s3, scratch, memory } = options;
  const settings: Record<string, string> = {
    'spark.ui.enabled': 'false',
    'spark.local.dir': scratch,
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.sql.shuffle.partitions': '4',
    'spark.sql.warehouse.dir': join(scratch, 'warehouse'),
    // Such a job ends before the slower, better compiler has paid off: half the processor time.
    'spark.driver.extraJavaOptions': `-Duser.timezone=UTC -Dderby.system.home=${scratch} -XX:+UseSerialGC -XX:TieredStopAtLevel=1`,
    // Not --jars, which copies them, 280 MB, for each job.
    'spark.driver.extraClassPath': tools.jars.join(delimiter),
    'spark.hadoop.fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem',
    'spark.hadoop.fs.s3a.endpoint': s3.endpoint,
    'spark.hadoop.fs.s3a.endpoint.region': s3.region,
    'spark.hadoop.fs.s3a.path.style.access': 'true',
    'spark.hadoop.fs.s3a.connection.ssl.enabled': String(s3.endpoint.startsWith('https:')),
    'spark.hadoop.fs.s3a.aws.credentials.provider':
      'com.amazonaws.auth.EnvironmentVariableCredentialsProvider',
    // Without it a write of Parquet to this server hangs.
    'spark.hadoop.fs.s3a.directory.marker.retention': 'keep',
    'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
    'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.delta.logStore.s3.impl': 'io.delta.storage.S3SingleDriverLogStore',
    'spark.delta.logStore.s3a.impl': 'io.delta.storage.S3SingleDriverLogStore',
  };
  const conf = Object.entries(settings).flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
  const files = pyFiles.length ? ['--py-files', pyFiles.join(',')] : [];
  return {
    command: join(tools.python, 'bin', 'spark-submit'),
    args: [
      ...['--master', 'local[2]', '--driver-memory', memory],
      ...conf,
      ...files,
      script,
      ...options.arguments,
    ],
  };
}

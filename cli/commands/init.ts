import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { InvalidInput, messageOf } from '../../core/errors.ts';
import { ENGINE } from '../../profiles/project.ts';
import { example, invocation } from './globals.ts';

const TEMPLATE = join(ENGINE, 'template');
/** Of the engine, as it runs them itself: what the project's compose file mounts. */
const SHARED = ['compose/secrets.sh', 'compose/temporal'];
/** Names that a package must not carry as they are: npm leaves such files out, or takes them for its own. */
const RENAMED: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  dockerignore: '.dockerignore',
  github: '.github',
};

export function initCommand(command: Command): void {
  command
    .option('--engine <package>', 'where npm finds the engine: a version, a .tgz file, a folder')
    .addHelpText('after', example('sluice init shop', 'sluice init shop --engine ./sluice-0.1.0.tgz'))
    .action((folder: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ engine?: string }>(command);
      const target = resolve(folder);
      const name = basename(target)
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-')
        .replace(/^-+|-+$/g, '');
      const problems: string[] = [];
      if (!name) problems.push(`${folder}: give the folder a name with letters.`);
      if (existsSync(target) && readdirSync(target).length)
        problems.push(`${target} is not empty. Name a folder that is not there yet.`);
      const engine = engineFor(target, options.engine, problems);
      if (problems.length) throw new InvalidInput('The command line', problems);
      const files = copyTemplate(target, { name: name || 'project', engine: engine ?? '' });
      output.result(
        { folder: target, name, engine, files },
        `${target} is a project now. Next:\n  cd ${relative(process.cwd(), target) || '.'}\n  npm install\n  npm run setup\n` +
          `  npx sluice run shop --interval 2026-01-01\nIts README.md says what is where.`,
      );
    });
}

/** What the project's package.json says of the engine. */
function engineFor(target: string, given: string | undefined, problems: string[]): string | undefined {
  const spec = given ?? ownPackage();
  if (spec === undefined) {
    problems.push(
      `--engine: where this engine was installed from is not known. Name it: a .tgz file, a folder, a version.`,
    );
    return undefined;
  }
  const path = spec.replace(/^file:/, '');
  const isPath = spec.startsWith('file:') || (/^[./]|\.tgz$/.test(spec) && !/^[a-z+]+:\/\//.test(spec));
  if (!isPath) return spec;
  if (!existsSync(resolve(path))) problems.push(`--engine: there is no ${resolve(path)}.`);
  return `file:${relative(target, resolve(path))}`;
}

/** This engine, as npm could install it again: its checkout, or the file that npm has taken it from. */
function ownPackage(): string | undefined {
  const parts = ENGINE.split(sep);
  const modules = parts.lastIndexOf('node_modules');
  if (modules < 0) return `file:${ENGINE}`;
  const folder = parts.slice(0, modules).join(sep);
  try {
    const lock = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')) as {
      packages?: Record<string, { resolved?: string; version?: string }>;
    };
    const { resolved } = lock.packages?.['node_modules/sluice'] ?? {};
    return resolved?.startsWith('file:')
      ? `file:${resolve(folder, resolved.slice('file:'.length))}`
      : resolved;
  } catch {
    return undefined;
  }
}

/** @returns the files written, relative to the project */
function copyTemplate(target: string, values: Readonly<Record<string, string>>): string[] {
  const own = filesIn(TEMPLATE).map((file) => ({ from: join(TEMPLATE, file), file }));
  const shared = SHARED.flatMap((path) => filesIn(join(ENGINE, path), path)).map((file) => ({
    from: join(ENGINE, file),
    file,
  }));
  return [...own, ...shared].map(({ from, file }) => {
    const path = file
      .split(sep)
      .map((part) => RENAMED[part] ?? part)
      .join(sep);
    const text = readFileSync(from, 'utf8').replace(
      /\{\{(name|engine)\}\}/g,
      (_, key: string) => values[key] ?? '',
    );
    const to = join(target, path);
    try {
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, text, { flag: 'wx' });
    } catch (error) {
      throw new InvalidInput('The project', [
        `${to} cannot be written: ${messageOf(error)}. Nothing else of it is needed: remove ${target}, then try again.`,
      ]);
    }
    return path;
  });
}

/** Files in a folder, or the one that it is, each with what stands before. */
function filesIn(path: string, before = ''): string[] {
  if (statSync(path).isFile()) return [before];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(before, relative(path, join(parentPath, name))))
    .sort();
}

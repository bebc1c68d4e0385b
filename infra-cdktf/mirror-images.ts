import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { digestsFile, images, mirrorTag, sourceOf, type ImageName } from './constructs/images.ts';

/**
 * `tsx mirror-images.ts <registry>/<repository>`: copies the public images that are not there yet, as they are, all platforms, without
 * pulling them here. Needs `docker` with a login to the registry. May be repeated.
 * `tsx mirror-images.ts --pin`: writes down which bytes their tags name today, for every copy from now on.
 */
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('usage: mirror-images.ts <registry>/<repository> | --pin');
if (target === '--pin') pin();
else mirror(target);

function mirror(repository: string): void {
  for (const name of Object.keys(images) as ImageName[]) {
    const copy = `${repository}:${mirrorTag(name)}`;
    if (spawnSync('docker', ['manifest', 'inspect', copy], { stdio: 'ignore' }).status === 0) continue;
    const source = sourceOf(name);
    if (!source.includes('@'))
      console.log(`${source} is not pinned: 'npx tsx mirror-images.ts --pin', and commit ${digestsFile}.`);
    console.log(`${source} -> ${copy}`);
    docker(['buildx', 'imagetools', 'create', '--tag', copy, source], 'inherit');
  }
}

function pin(): void {
  const digests = Object.values(images).map((image): [string, string] => {
    const printed = docker(
      ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', image],
      'pipe',
    );
    const [digest] = /sha256:[0-9a-f]{64}/.exec(printed) ?? [];
    if (digest === undefined) throw new Error(`docker tells no digest of ${image}, but: ${printed}`);
    return [image, digest];
  });
  writeFileSync(digestsFile, `${JSON.stringify(Object.fromEntries(digests), null, 2)}\n`);
}

function docker(args: string[], output: 'inherit' | 'pipe'): string {
  const printed = execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', output, 'inherit'] }) as
    string | null;
  return printed ?? '';
}

import { execFileSync, spawnSync } from 'node:child_process';
import { images, mirrorTag, type ImageName } from './constructs/images.ts';

/**
 * `tsx mirror-images.ts <registry>/<repository>`: copies the public images that are not there yet, as they are, all platforms, without
 * pulling them here. Needs `docker` with a login to the registry. May be repeated.
 */
const [repository] = process.argv.slice(2);
if (repository === undefined) throw new Error('usage: mirror-images.ts <registry>/<repository>');
for (const name of Object.keys(images) as ImageName[]) {
  const copy = `${repository}:${mirrorTag(name)}`;
  if (spawnSync('docker', ['manifest', 'inspect', copy], { stdio: 'ignore' }).status === 0) continue;
  console.log(`${images[name]} -> ${copy}`);
  execFileSync('docker', ['buildx', 'imagetools', 'create', '--tag', copy, images[name]], {
    stdio: 'inherit',
  });
}

import type { Environment } from '../../config/environment.ts';
import type { Container } from '../../constructs/container.ts';
import { mirrored } from '../../constructs/images.ts';
import type { StorageStack } from '../storage/index.ts';

export const filesVolume = 'files';
export const folder = '/sluice';
/** The authorities that sign the certificates of RDS in this region. */
export const authoritiesFile = `${folder}/rds-authorities.pem`;

/**
 * Puts files into the task's volume that the images do not have: RDS's authorities, and others by their path.
 * @param writable volumes, by name with their path, that whoever a container runs as may write to
 */
export function filesContainer(
  env: Environment,
  { mirror }: StorageStack,
  others: Readonly<Record<string, string>> = {},
  writable: Readonly<Record<string, string>> = {},
): Container {
  const bundle = `https://truststore.pki.rds.amazonaws.com/${env.region}/${env.region}-bundle.pem`;
  const texts = Object.values(others).map((text, at): [string, string] => [`FILE_${at}`, text]);
  const writes = Object.keys(others).map((path, at) => `printf '%s\\n' "$FILE_${at}" > ${path}`);
  return {
    name: 'files',
    image: mirrored(mirror, 'admin-tools'),
    // The volume belongs to root, the other containers only read it.
    user: 'root',
    essential: false,
    readOnly: true,
    mounts: { [filesVolume]: folder, ...writable },
    environment: Object.fromEntries(texts),
    command: [
      'sh',
      '-ec',
      [
        `wget -q -O ${authoritiesFile} ${bundle}`,
        ...writes,
        ...Object.values(writable).map((path) => `chmod 1777 ${path}`),
      ].join('; '),
    ],
  };
}

/** Starts when the files are there, and sees them. */
export function withFiles(container: Container): Container {
  return { ...container, after: 'files', mounts: { ...container.mounts, [filesVolume]: folder } };
}

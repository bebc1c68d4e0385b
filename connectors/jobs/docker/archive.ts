import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';

/** A tar archive with one folder that everybody may write to, and a file in it that everybody may read. */
export async function packed(folder: string, file: string, text: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: `${folder}/`, type: 'directory', mode: 0o1777 });
  archive.entry({ name: `${folder}/${file}`, mode: 0o644 }, text);
  archive.finalize();
  return buffer(archive);
}

/** The text of the first plain file of a tar archive; undefined where it holds none. */
export async function unpacked(archive: Readable): Promise<string | undefined> {
  for await (const entry of archive.pipe(extract())) {
    if (entry.header.type === 'file') return (await buffer(entry)).toString('utf8');
    entry.resume();
  }
  return undefined;
}

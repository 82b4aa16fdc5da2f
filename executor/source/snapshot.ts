import { mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { LIMIT, mebibytes } from './limits.ts';
import { explain, isUnder, readUnder } from './resolve.ts';

/**
 * Copies a directory of a source as regular files and directories. The tools then see one state of it, even if
 * somebody writes to the volume meanwhile, and no link in it can lead them to files of the executor.
 * @throws Failure `SourceInvalid`: a link leads out of the source, or it is over the limits
 */
export async function snapshot(root: string, from: string, into: string, label: string): Promise<void> {
  let bytes = 0;
  let entries = 0;
  const refuse = (why: string, cause?: unknown): never => {
    throw new Failure('SourceInvalid', `${label}: ${why}`, { cause });
  };
  const shown = (path: string) => (path === root ? 'the top' : path.slice(root.length + 1));

  async function copy(directory: string, target: string, parents: readonly string[]): Promise<void> {
    await mkdir(target, { recursive: true, mode: 0o755 });
    const names = await readdir(directory).catch((cause) =>
      refuse(`${explain(cause)} at ${shown(directory)}`, cause),
    );
    for (const name of names) {
      // The file system's own, at the top of a volume and readable by root only.
      if (directory === root && name === 'lost+found') continue;
      entries += 1;
      if (entries > LIMIT.entries)
        refuse(`it has more than ${LIMIT.entries} entries; name a smaller directory`);
      const path = join(directory, name);
      const real = await realpath(path).catch((cause) =>
        refuse(`${explain(cause)} at ${shown(path)}`, cause),
      );
      if (!isUnder(root, real)) refuse(`${shown(path)} is a link that leads out of it`);
      const about = await stat(real);
      if (about.isDirectory()) {
        if (parents.includes(real)) refuse(`${shown(path)} is a link to a directory that it lies in`);
        await copy(real, join(target, name), [...parents, real]);
      } else if (about.isFile()) {
        bytes += about.size;
        if (bytes > LIMIT.unpacked) {
          refuse(`it is over ${mebibytes(LIMIT.unpacked)}; name a smaller directory`);
        }
        const content = await readUnder(root, real, LIMIT.unpacked, label);
        await writeFile(join(target, name), content, { mode: 0o644 });
      } else refuse(`${shown(path)} is neither a file nor a directory`);
    }
  }
  await copy(from, into, [from]);
}

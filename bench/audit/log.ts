import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A place in the audit log: file by inode, because a full log is renamed, and the bytes before it. */
export type Position = { inode: number; bytes: number };

/** Where the log ends now; undefined when the API server writes none. */
export async function endOfLog(path: string): Promise<Position | undefined> {
  const file = await stat(path).catch(() => undefined);
  return file && { inode: file.ino, bytes: file.size };
}

/**
 * What was written after `position`, across one rotation.
 * @throws when the file of the position is gone: more was written than the log keeps
 */
export async function readLog(path: string, position: Position): Promise<string> {
  const current = await endOfLog(path);
  if (current?.inode === position.inode) return readFrom(path, position.bytes);
  for (const name of await readdir(dirname(path))) {
    const older = join(dirname(path), name);
    if ((await endOfLog(older))?.inode !== position.inode) continue;
    const rest = await readFrom(older, position.bytes);
    return `${rest}${current === undefined ? '' : await readFrom(path, 0)}`;
  }
  throw new Error(
    `${path} was rotated twice during one measurement: raise --audit-log-maxsize in local/units.ts`,
  );
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path);
  try {
    const parts: Buffer[] = [];
    for await (const part of file.createReadStream({ start, autoClose: false })) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  } finally {
    await file.close();
  }
}

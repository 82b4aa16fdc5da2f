import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Header, extract as tarExtract } from 'tar-stream';
import { Failure } from '../failure.ts';
import { LIMIT, mebibytes } from './limits.ts';

export type ExtractLimits = { unpacked: number; entries: number; ratio: number };

/** Below this a ratio says nothing: a small text of one repeated letter is no bomb. */
const RATIO_FROM = 1024 * 1024;

/**
 * Unpacks a .tar, .tar.gz or .tgz into a directory. Only regular files and directories: links, devices, pipes,
 * absolute paths and `..` are refused, and nothing of an archive's owners, times or special modes is kept.
 * @throws Failure `SourceInvalid`; the directory then holds a part of the archive.
 */
export async function extractArchive(
  archive: string,
  into: string,
  limits: ExtractLimits = LIMIT,
): Promise<void> {
  const name = archive.split('/').at(-1) ?? archive;
  const refuse = (why: string, cause?: unknown): never => {
    throw new Failure('SourceInvalid', `archive ${name} ${why}`, { cause });
  };
  const packed = (await stat(archive)).size;
  const gzip = await isGzip(archive);
  let unpacked = 0;
  let entries = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unpacked += chunk.length;
      if (unpacked > limits.unpacked + entries * 1024 + 10_240) {
        done(new Failure('SourceInvalid', `archive ${name} is over ${mebibytes(limits.unpacked)} unpacked`));
      } else if (gzip && unpacked > RATIO_FROM && unpacked > packed * limits.ratio) {
        done(
          new Failure(
            'SourceInvalid',
            `archive ${name} expands more than ${limits.ratio}×, like a decompression bomb; if it is legitimate, repack it uncompressed`,
          ),
        );
      } else done(null, chunk);
    },
  });
  const tar = tarExtract();
  const stages: [Readable, ...NodeJS.ReadWriteStream[]] = [createReadStream(archive)];
  if (gzip) stages.push(createGunzip());
  const reading = pipeline([...stages, meter, tar] as unknown as [Readable, NodeJS.WritableStream]);
  try {
    await Promise.all([reading, write()]);
  } catch (error) {
    if (error instanceof Failure) throw error;
    refuse(`is not a valid tar archive: ${(error as Error).message}`, error);
  }
  if (entries === 0) refuse('is empty or not a tar archive');

  async function write() {
    for await (const entry of tar) {
      const { header } = entry;
      entries += 1;
      if (entries > limits.entries) refuse(`has more than ${limits.entries} entries`);
      const path = safePath(header, refuse);
      if (header.type === 'directory') {
        if (path !== '') await mkdir(join(into, path), { recursive: true, mode: 0o755 });
        entry.resume();
      } else {
        const target = join(into, path);
        await mkdir(dirname(target), { recursive: true, mode: 0o755 });
        // wx: an archive that has a path twice is refused rather than read in one way or the other.
        await pipeline(entry, createWriteStream(target, { flags: 'wx', mode: 0o644 })).catch((cause) => {
          refuse(`can't be unpacked at "${path}": ${(cause as Error).message.split(',')[0]}`, cause);
        });
      }
    }
  }
}

/** The entry's path inside of the directory, '' for the directory itself. */
function safePath(header: Header, refuse: (why: string) => never): string {
  const { name, type } = header;
  if (type !== 'file' && type !== 'directory') {
    return refuse(`holds "${name}", a ${type ?? 'special file'}; only files and directories are accepted`);
  }
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (name.startsWith('/') || segments.includes('..') || /[\\\0]/.test(name)) {
    return refuse(`holds "${name}", a path that points outside it or is not a plain path`);
  }
  if (type === 'file' && segments.length === 0) return refuse(`holds a file without a name`);
  return segments.join('/');
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

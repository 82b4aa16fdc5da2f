import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzipSync,
} from 'node:zlib';
import { Failure } from '../failure.ts';
import { mebibytes } from '../source/limits.ts';

/** What an answer may be. `what` is its address, for messages. */
export type BodyRules = { limit: number; archive: boolean; what: string };

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/**
 * Reads an answer and undoes its Content-Encoding, which some servers apply unasked. The size that counts is what comes out.
 * A server that calls a .tgz itself an encoding (stores by file name do) gets it as Helm does: as it came.
 * @throws Failure `SourceInvalid` with the size and the limit
 */
export async function readBody(answer: IncomingMessage, rules: BodyRules): Promise<Buffer> {
  const length = Number(answer.headers['content-length']);
  if (length > rules.limit) {
    answer.destroy();
    throw tooLarge(rules, mebibytes(length));
  }
  const body = await collect(answer, rules);
  const encodings = (answer.headers['content-encoding'] ?? '').toLowerCase().split(',');
  let decoded = body;
  for (const encoding of encodings.map((one) => one.trim()).reverse()) {
    if (encoding === '' || encoding === 'identity') continue;
    if (rules.archive && isGzip(body) && !isGzip(beginningOf(body))) return body;
    decoded = await decode(decoded, encoding, rules);
  }
  return decoded;
}

async function decode(body: Buffer, encoding: string, rules: BodyRules): Promise<Buffer> {
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]?.() : undefined;
  if (decoder === undefined) {
    const message = `${rules.what} has Content-Encoding ${encoding}, which is not supported; serve it without, or with gzip`;
    throw new Failure('SourceInvalid', message);
  }
  try {
    const unpacking = pipeline(Readable.from([body]), decoder);
    const [decoded] = await Promise.all([collect(decoder, rules), unpacking]);
    return decoded;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const message = `${rules.what} has Content-Encoding ${encoding} and can't be decoded: ${(cause as Error).message}`;
    throw new Failure('SourceInvalid', message, { cause });
  }
}

/** What is over the limit is still counted for a while, to say how large it is. */
async function collect(chunks: AsyncIterable<Buffer>, rules: BodyRules): Promise<Buffer> {
  const { limit } = rules;
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > 2 * limit) throw tooLarge(rules, `over ${mebibytes(2 * limit)}`);
    if (size > limit) kept.length = 0;
    else kept.push(chunk);
  }
  if (size > limit) throw tooLarge(rules, mebibytes(size));
  return Buffer.concat(kept);
}

const tooLarge = ({ what, limit }: BodyRules, found: string) =>
  new Failure('SourceInvalid', `${what} has ${found}; at most ${mebibytes(limit)} are accepted`);

const isGzip = (body: Buffer) => body[0] === 0x1f && body[1] === 0x8b;

/** The first bytes of what is packed; empty when it can't be read. */
function beginningOf(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed.subarray(0, 512), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { readBody } from './body.ts';

const LIMIT = 1024 * 1024;

type Served = { body: Buffer; encoding?: string; chunked?: boolean; archive?: boolean };

/** Reads what a server answers so. */
async function read({ body, encoding, chunked = false, archive = false }: Served): Promise<Buffer> {
  const server = createServer((_, response) => {
    if (encoding !== undefined) response.setHeader('content-encoding', encoding);
    if (!chunked) response.setHeader('content-length', body.length);
    response.write(body.subarray(0, 1000));
    response.end(body.subarray(1000));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, (answer) => {
      readBody(answer, { limit: LIMIT, archive, what: 'https://r.example.com/a' }).then(resolve, reject);
    });
  });
}

/** Of so many bytes, and hardly compressible. */
const content = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, i) => (i * i * 7919) >>> 5));
const text = Buffer.from('entries: {}\n'.repeat(500));
const archive = gzipSync('a tar');

test.for<[string, Served, Buffer]>([
  ['with a length', { body: text }, text],
  ['in chunks without a length', { body: text, chunked: true }, text],
  ['that calls itself identity', { body: text, encoding: 'identity' }, text],
  ['in gzip', { body: gzipSync(text), encoding: 'gzip' }, text],
  ['in x-gzip, in chunks', { body: gzipSync(text), encoding: 'X-GZIP', chunked: true }, text],
  ['in deflate', { body: deflateSync(text), encoding: 'deflate' }, text],
  ['in brotli', { body: brotliCompressSync(text), encoding: 'br' }, text],
  ['in zstd', { body: zstdCompressSync(text), encoding: 'zstd' }, text],
  ['in two encodings', { body: gzipSync(deflateSync(text)), encoding: 'deflate, gzip' }, text],
  ['of 95 % of the limit', { body: content(0.95 * LIMIT) }, content(0.95 * LIMIT)],
  [
    'that is an archive and calls that an encoding',
    { body: archive, encoding: 'gzip', archive: true },
    archive,
  ],
  [
    'that is an archive, packed once more',
    { body: gzipSync(archive), encoding: 'gzip', archive: true },
    archive,
  ],
  [
    'that is an archive in brotli',
    { body: brotliCompressSync(archive), encoding: 'br', archive: true },
    archive,
  ],
])('an answer %s is read', async ([, served, expected]) => {
  expect((await read(served)).equals(expected)).toBe(true);
});

test.for<[string, Served, RegExp]>([
  ['of 105 % of the limit', { body: content(1.05 * LIMIT) }, /a has 1\.1 MiB; at most 1 MiB are accepted$/],
  ['of 105 %, in chunks', { body: content(1.05 * LIMIT), chunked: true }, /a has 1\.1 MiB; at most 1 MiB/],
  ['of far more, in chunks', { body: content(3 * LIMIT), chunked: true }, /a has over 2 MiB; at most 1 MiB/],
  [
    'of 105 % once decoded',
    { body: gzipSync(Buffer.alloc(1.05 * LIMIT)), encoding: 'gzip' },
    /has 1\.1 MiB; at/,
  ],
  [
    'of a thousand times its size',
    { body: gzipSync(Buffer.alloc(1000 * LIMIT)), encoding: 'gzip' },
    /over 2 MiB/,
  ],
  [
    'that is not in its encoding',
    { body: text, encoding: 'gzip' },
    /Content-Encoding gzip and can't be decoded/,
  ],
  [
    'in an unknown encoding',
    { body: text, encoding: 'lzma' },
    /Content-Encoding lzma, which is not supported/,
  ],
])('an answer %s is refused', async ([, served, message]) => {
  await expect(read(served)).rejects.toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(message),
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import patches from 'fast-json-patch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '#kube/log.ts';
import { Metrics } from '../metrics.ts';
import { admissionApp } from './app.ts';
import type { Reviewer } from './review.ts';

const reviewers: Record<string, Reviewer> = {
  '/allow': () => ({ allowed: true, warnings: ['mind the gap'] }),
  '/change': ({ object }) => ({ allowed: true, object: { ...object, added: { 'a/b~c': [1] } } }),
  '/same': ({ object }) => ({ allowed: true, object: { ...object } }),
  '/refuse': () => ({ allowed: false, reason: 'Invalid', message: 'spec.a must be b, like a: b' }),
  '/bug': () => {
    throw new Error('secret detail');
  },
};
const metrics = new Metrics();
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(admissionApp(reviewers, { metrics, log: silentLog }));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

const object = { apiVersion: 'v1', kind: 'Thing', unknown: { to: ['us'] } };
const review = (request: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group: '', version: 'v1', kind: 'Thing' },
    operation: 'CREATE',
    object,
    ...request,
  },
});
const post = (path: string, body: unknown, headers = { 'content-type': 'application/json' }) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const answer = async (path: string) => {
  const response = await post(path, review());
  expect(response.status).toBe(200);
  return (await response.json()) as { response: Record<string, unknown> };
};

test('an answer has the uid of its request, and warnings', async () => {
  expect(await answer('/allow')).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true, warnings: ['mind the gap'] },
  });
});

test('a change is a JSON patch of the very object that was sent', async () => {
  const { response } = await answer('/change');
  expect(response['patchType']).toBe('JSONPatch');
  const patch = JSON.parse(Buffer.from(String(response['patch']), 'base64').toString());
  const patched = patches.applyPatch(structuredClone(object), patch, true).newDocument;
  expect(patched).toEqual({ ...object, added: { 'a/b~c': [1] } });
});

test('no change is no patch', async () => {
  expect((await answer('/same')).response).not.toHaveProperty('patch');
});

test('a refusal is an answer with a message', async () => {
  expect((await answer('/refuse')).response).toMatchObject({
    allowed: false,
    status: { code: 422, reason: 'Invalid', message: 'spec.a must be b, like a: b' },
  });
});

const wrong: [string, string, unknown, number][] = [
  ['no JSON', '/allow', '{', 400],
  ['an empty body', '/allow', '', 400],
  ['JSON that is no AdmissionReview', '/allow', { a: 1 }, 400],
  ['a review without a request', '/allow', { ...review(), request: undefined }, 400],
  ['a review of another version', '/allow', { ...review(), apiVersion: 'admission.k8s.io/v1beta1' }, 400],
  ['an object that is a list', '/allow', review({ object: [] }), 400],
  ['a body of more than 7 MiB', '/allow', review({ object: { a: 'x'.repeat(7 * 1024 * 1024) } }), 413],
  ['an unknown path', '/other', review(), 404],
  ['a bug', '/bug', review(), 500],
];
test.each(wrong)(
  '%s is answered by its status, and the next request as always',
  async (_what, path, body, status) => {
    const response = await post(path, body);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/secret detail|\.ts:\d+/);
    await answer('/allow');
  },
);

test('a compressed body is refused: it could be a bomb', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  expect((await post('/allow', review(), headers)).status).toBe(415);
});

test('a client that goes away in the middle disturbs nobody', async () => {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await new Promise((written) =>
    socket.write(
      'POST /allow HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
      written,
    ),
  );
  socket.destroy();
  await answer('/allow');
});

test('requests are counted by path and result', async () => {
  const text = await metrics.registry.metrics();
  for (const [path, result] of [
    ['/allow', 'allowed'],
    ['/refuse', 'refused'],
    ['/allow', 'malformed'],
    ['/allow', 'too_large'],
    ['/bug', 'error'],
    ['other', 'malformed'],
  ]) {
    expect(text).toMatch(
      new RegExp(`pinion_admission_requests_total\\{path="${path}",result="${result}"\\} [1-9]`),
    );
  }
});

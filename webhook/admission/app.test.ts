import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import patches from 'fast-json-patch';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { silentLog } from '#kube/log.ts';
import { Metrics } from '../metrics.ts';
import { admissionApp } from './app.ts';
import type { Reviewer, Verdict } from './review.ts';

const reviewers: Record<string, Reviewer> = {
  '/allow': () => ({ allowed: true, warnings: ['mind the gap'] }),
  '/change': ({ object }) => ({ allowed: true, object: { ...object, added: { 'a/b~c': [1] } } }),
  '/same': ({ object }) => ({ allowed: true, object: { ...object } }),
  '/refuse': () => ({ allowed: false, reason: 'Invalid', message: 'spec.a must be b, like a: b' }),
  '/slow': () => {
    inReview += 1;
    return ready.promise;
  },
  '/bug': () => {
    throw new Error('secret detail');
  },
};
let ready = Promise.withResolvers<Verdict>();
let inReview = 0;
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
const JSON_BODY = { 'content-type': 'application/json' };
const post = (path: string, body: unknown, headers = JSON_BODY, signal: AbortSignal | null = null) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers,
    signal,
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

const body = (namespace?: unknown) => ({ ...object, metadata: { name: 'a', namespace } });
const namespaces: [string, boolean, object][] = [
  ['of a CREATE is that of the request', true, { namespace: 'team-a', object: body('team-a') }],
  ['of a CREATE is not given', true, { namespace: 'team-a', object: body() }],
  ['of a CREATE is empty', true, { namespace: 'team-a', object: body('') }],
  ['of a cluster-scoped object is not given', true, { object: body() }],
  ['is missing with all metadata', true, { namespace: 'team-a', object }],
  [
    'of an UPDATE is that of the request, before and after',
    true,
    { namespace: 'team-a', operation: 'UPDATE', object: body('team-a'), oldObject: body('team-a') },
  ],
  [
    'of a DELETE is that of the request',
    true,
    { namespace: 'team-a', operation: 'DELETE', object: null, oldObject: body('team-a') },
  ],
  ['of a CREATE is another', false, { namespace: 'team-a', object: body('victim') }],
  ['is given and the request has none', false, { object: body('victim') }],
  ['is no text', false, { namespace: 'team-a', object: body(['team-a']) }],
  [
    'of an UPDATE was another',
    false,
    { namespace: 'team-a', operation: 'UPDATE', object: body('team-a'), oldObject: body('victim') },
  ],
  [
    'of a DELETE is another',
    false,
    { namespace: 'team-a', operation: 'DELETE', object: null, oldObject: body('victim') },
  ],
];
test.each(namespaces)(
  'when the namespace %s the reviewer is called: %s',
  async (_what, isCalled, request) => {
    const { response } = (await (await post('/allow', review(request))).json()) as {
      response: { allowed: boolean; status?: { message: string } };
    };
    expect(response.allowed).toBe(isCalled);
    if (!isCalled)
      expect(response.status?.message).toMatch(/ is not the namespace of the request, "(team-a)?"$/);
  },
);

test('admissionApp responds 429 with Retry-After to the 65th concurrent review, on any path', async () => {
  ready = Promise.withResolvers();
  inReview = 0;
  const slow = Array.from({ length: 64 }, () => post('/slow', review()));
  await vi.waitFor(() => expect(inReview).toBe(64), 10_000);
  const refused = await post('/allow', review());
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  ready.resolve({ allowed: true });
  expect(new Set((await Promise.all(slow)).map(({ status }) => status))).toEqual(new Set([200]));
  await answer('/allow');
});

test('admissionApp counts a review until it ends when the caller hangs up', async () => {
  ready = Promise.withResolvers();
  inReview = 0;
  const gone = new AbortController();
  const seen = eachSeen(64);
  const slow = Array.from({ length: 64 }, () => post('/slow', review(), undefined, gone.signal));
  const closed = (await seen).map(({ socket }) => once(socket, 'close'));
  await vi.waitFor(() => expect(inReview).toBe(64), 10_000);
  gone.abort();
  await Promise.allSettled(slow);
  await Promise.all(closed);
  expect((await post('/allow', review())).status).toBe(429);
  ready.resolve({ allowed: true });
  await answer('/allow');
});

test('admissionApp serves others while 100 callers send no body', async () => {
  const seen = eachSeen(100);
  const head = `POST /allow HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`;
  const idle = Array.from({ length: 100 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
  for (const socket of idle) socket.write(head);
  await seen;
  await answer('/allow');
  for (const socket of idle) socket.destroy();
});

/** The next requests, once so many have come. */
function eachSeen(count: number): Promise<IncomingMessage[]> {
  const requests: IncomingMessage[] = [];
  return new Promise((resolve) => {
    const onRequest = (request: IncomingMessage) => {
      requests.push(request);
      if (requests.length < count) return;
      server.off('request', onRequest);
      resolve(requests);
    };
    server.on('request', onRequest);
  });
}

test('admissionApp counts requests by path and result', async () => {
  const text = await metrics.registry.metrics();
  for (const [path, result] of [
    ['/allow', 'allowed'],
    ['/refuse', 'refused'],
    ['/allow', 'malformed'],
    ['/allow', 'too_large'],
    ['/bug', 'error'],
    ['/allow', 'overloaded'],
    ['other', 'malformed'],
  ]) {
    expect(text).toMatch(
      new RegExp(`pinion_admission_requests_total\\{path="${path}",result="${result}"\\} [1-9]`),
    );
  }
});

import { type LookupOptions, lookup } from 'node:dns';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '#api/kubeconfig.ts';
import { targetLookup } from '#api/target-lookup.ts';
import { Failure } from '../failure.ts';
import { plainWords } from './api-words.ts';
import { type Cause, causeOf } from './causes.ts';

/** An answer of the API server; `status` is a metav1.Status when `code` is no 2xx. */
export type Answer = { code: number; body: Record<string, unknown> };

/** Accepts an object's metadata alone. */
export const PARTIAL_METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** An event of a watch; `object` is a metav1.Status when `type` is ERROR. */
export type WatchEvent = { type: string; object: Record<string, unknown> };

type RequestOptions = { body?: string; contentType?: string; accept?: string };

export type TargetClient = {
  request: (method: string, path: string, options?: RequestOptions) => Promise<Answer>;
  /** Calls `seen` for each event of a watch, until the server, an error or `signal` ends it. Never fails. */
  watch: (path: string, seen: (event: WatchEvent) => void, signal: AbortSignal) => Promise<void>;
  close: () => void;
};

/** Answers are lists of metadata, Leases and discovery documents. */
const BODY_LIMIT = 32 * 1024 * 1024;
const ATTEMPTS = 3;
const SILENCE_MS = 15_000;
/** A watch that is silent for so long is opened again: something on the way may have dropped the connection. */
const WATCH_MS = 120_000;
/** What happens before a request is out (a pod's network may be a moment late), or to a connection gone stale. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
]);

/**
 * The few requests that the executor makes itself: Leases, inventories, release records, server-side apply.
 * A Kubernetes client takes half a second to import; a kubectl for each renewal of a Lease would cost more
 * than the installation.
 * @throws Failure `TargetUnreachable` when the connection fails or is silent for 15 s.
 */
export function createTargetClient(target: Target): TargetClient {
  const decode = (data: string | undefined) => (data ? Buffer.from(data, 'base64') : undefined);
  const agent = new Agent({
    keepAlive: true,
    ca: decode(target.ca),
    cert: decode(target.cert),
    key: decode(target.key),
    rejectUnauthorized: !target.insecureSkipTlsVerify,
    lookup: targetLookup<LookupOptions>(lookup),
    ...(target.tlsServerName ? { servername: target.tlsServerName } : {}),
  });
  const base = target.server.replace(/\/+$/, '');
  const headers = {
    accept: 'application/json',
    'user-agent': 'pinion-executor',
    ...(target.token ? { authorization: `Bearer ${target.token}` } : {}),
  };
  const send = (method: string, path: string, options: RequestOptions) =>
    new Promise<Answer>((resolve, reject) => {
      const { body, contentType = 'application/json', accept = 'application/json' } = options;
      const sent = request(`${base}${path}`, {
        method,
        agent,
        timeout: SILENCE_MS,
        headers: {
          ...headers,
          accept,
          ...(body === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
        },
      });
      sent.on('response', (response) => readAnswer(response, sent).then(resolve, reject));
      sent.on('timeout', () => sent.destroy(new Error(`timed out after ${SILENCE_MS / 1000} s`)));
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    close: () => agent.destroy(),
    watch: (path, seen, signal) =>
      new Promise<void>((ended) => {
        // However it ends, the caller lists again.
        const sent = request(`${base}${path}`, { agent, headers, signal, timeout: WATCH_MS }, (response) => {
          readLines(response, seen).then(ended, ended);
        });
        sent.on('timeout', () => sent.destroy());
        sent.on('error', () => ended());
        sent.end();
      }),
    async request(method, path, options = {}) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await send(method, path, options);
        } catch (error) {
          const { code = '', message } = error as NodeJS.ErrnoException;
          if (attempt === ATTEMPTS || !NOT_SENT.has(code)) {
            throw new Failure(
              'TargetUnreachable',
              `no answer from the target's API server ${base}: ${message || code}; check that pods of this cluster reach it`,
              { cause: error },
            );
          }
          await delay(500 * attempt);
        }
      }
    },
  };
}

async function readLines(response: IncomingMessage, seen: (event: WatchEvent) => void): Promise<void> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > BODY_LIMIT) response.destroy();
    for (const line of lines) if (line) seen(parse(line) as WatchEvent);
  }
}

async function readAnswer(response: IncomingMessage, sent: ClientRequest): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) sent.destroy(new Error('the answer is over 32 MiB'));
    chunks.push(chunk);
  }
  return { code: response.statusCode ?? 0, body: read(response, Buffer.concat(chunks).toString('utf8')) };
}

/** A pod's log may look like JSON. */
const read = ({ headers }: IncomingMessage, text: string) =>
  headers['content-type']?.startsWith('text/plain') ? { message: text } : parse(text);

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return body !== null && typeof body === 'object' ? (body as Record<string, unknown>) : {};
  } catch {
    return { message: text.slice(0, 500) };
  }
}

/** What a metav1.Status says, in one line. */
function statusMessage({ code, body }: Answer): string {
  const message = typeof body['message'] === 'string' ? body['message'] : '';
  const reason = typeof body['reason'] === 'string' ? body['reason'] : '';
  return `${plainWords(message) || 'no message'} (${[code, reason].filter(Boolean).join(' ')})`;
}

/** What the API refused will be refused again. */
const REFUSALS = [400, 403, 405, 413, 415, 422];

/**
 * The Failure that an answer other than 2xx means, by its words and else by its code: what it could not do now (conflict,
 * too many requests, a webhook that is down, a kind or namespace that is not there yet) may work later.
 */
export function failureOf(answer: Answer, what: string): Failure {
  const { code, body } = answer;
  if (code === 401) {
    return new Failure(
      'TargetUnauthorized',
      `${what}: the target's API server rejects the credentials of the kubeconfig; provide one with valid credentials`,
    );
  }
  const words = typeof body['message'] === 'string' ? body['message'] : '';
  const byCode = { reason: REFUSALS.includes(code) ? 'ApplyRejected' : 'ApplyFailed' } as const;
  const { reason, remedy }: Cause = causeOf(words) ?? byCode;
  return new Failure(reason, [`${what}: ${statusMessage(answer)}`, remedy].filter(Boolean).join('; '));
}

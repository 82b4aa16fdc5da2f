import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Connection } from './connection.ts';
import { AnswerTooLarge, ApiError, type Status } from './errors.ts';

export type Request = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined> | undefined;
  body?: unknown;
  contentType?: string | undefined;
  accept?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Longest silence on the socket, in milliseconds. */
  idleTimeoutMs?: number | undefined;
};

const IDLE_TIMEOUT_MS = 20_000;
/** Ten times the largest object. The pod has 256Mi, and the text is in memory twice before it is parsed. */
const MAX_BODY = 16 * 1024 * 1024;
/** Far more than a Status. Nested lists take fourteen times their size in memory once parsed. */
const MAX_ERROR_BODY = 64 * 1024;

/** HTTP to one API server over one keep-alive agent. Every request has an idle timeout. */
export class Transport {
  readonly #connection: Connection;
  readonly #agent: http.Agent;
  readonly #base: URL;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#base = new URL(connection.server);
    const pool = { keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 16 };
    this.#agent =
      this.#base.protocol === 'http:'
        ? new http.Agent(pool)
        : new https.Agent({ ...pool, ...defined(connection.tls) });
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** The response body as text. @throws ApiError */
  async text(request: Request): Promise<string> {
    const response = await this.stream(request);
    try {
      return await this.#read(response);
    } catch (cause) {
      throw unreachable(request, cause);
    }
  }

  /** The response as soon as its head has arrived with a 2xx status. @throws ApiError */
  async stream(request: Request): Promise<IncomingMessage> {
    const response = await this.#send(request);
    const code = response.statusCode ?? 0;
    if (code >= 200 && code < 300) return response;
    const text = await readBody(response, MAX_ERROR_BODY, { cut: true }).catch(() => '');
    throw new ApiError(code, parseStatus(text), doing(request));
  }

  #read(response: IncomingMessage): Promise<string> {
    return readBody(response, this.#connection.limits?.bytes ?? MAX_BODY);
  }

  #signalOf({ signal }: Request): AbortSignal | undefined {
    const { limits } = this.#connection;
    if (!limits) return signal;
    const limit = AbortSignal.timeout(limits.totalMs);
    return signal ? AbortSignal.any([signal, limit]) : limit;
  }

  async #send(request: Request, again = true): Promise<IncomingMessage> {
    const headers = { ...(await this.#connection.headers()) };
    headers['accept'] = request.accept ?? 'application/json';
    headers['user-agent'] = 'pinion';
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    if (body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    const signal = this.#signalOf(request);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = (this.#base.protocol === 'http:' ? http : https).request({
      protocol: this.#base.protocol,
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port || undefined,
      path: this.#base.pathname.replace(/\/$/, '') + request.path + queryString(request.query),
      method: request.method,
      headers,
      agent: this.#agent,
      timeout: request.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
      ...(signal && { signal }),
    });
    sent.on('response', resolve);
    sent.on('timeout', () =>
      sent.destroy(new Error(`no data for ${request.idleTimeoutMs ?? IDLE_TIMEOUT_MS} ms`)),
    );
    sent.on('error', reject);
    sent.end(body);
    try {
      return await promise;
    } catch (cause) {
      // The server closed the kept-alive connection just as it was reused, before it read the request.
      const stale = sent.reusedSocket && (cause as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (again && stale && request.method === 'GET') return this.#send(request, false);
      throw unreachable(request, cause);
    }
  }
}

function unreachable(request: Request, cause: unknown): ApiError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ApiError(0, { message: message || code || 'no response' }, doing(request), { cause });
}

const doing = ({ method, path }: Request) => `${method} ${path}`;

/** The body as text. @throws AnswerTooLarge above `most` bytes; with `cut` the body is cut there instead. */
async function readBody(response: IncomingMessage, most: number, { cut = false } = {}): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most && !cut) throw new AnswerTooLarge(`the response is larger than ${most} bytes`);
    chunks.push(chunk);
    if (cut && size >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most).toString('utf8');
}

function parseStatus(text: string): Status {
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === 'object' && 'status' in parsed) return parsed as Status;
  } catch {
    // Proxies respond with HTML, and old paths with plain text.
  }
  return text.trim() === '' ? {} : { message: text.trim().slice(0, 512) };
}

function queryString(query: Request['query']): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') parameters.set(key, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { readBody } from './body.ts';
import { type ConnectRules, connectChecked, type Network } from './network.ts';
import { createSender } from './sender.ts';

export type HttpAnswer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
};

export type Get = (
  url: string,
  options: {
    /** Bytes of the body at most, decoded. */
    limit: number;
    /** A packed archive is wanted. */
    archive?: boolean;
    accept?: string;
    /** The Authorization header, sent to the URL's own origin only, not to where it redirects. */
    authorization?: string | undefined;
    /** Statuses besides 2xx that are answers and no errors. */
    expect?: readonly number[];
  },
) => Promise<HttpAnswer>;

export type HttpDeps = {
  network: Network;
  rules: ConnectRules;
  /** Accept http:// */
  allowPlain: boolean;
  signal: AbortSignal;
  note: (text: string) => void;
  sleep?: (ms: number) => Promise<unknown>;
};

const HOPS = 3;
const ATTEMPTS = 4;

/** A client that goes only where sources may be, and follows at most three redirects, each under the same rules. */
export function createHttp(deps: HttpDeps): { get: Get; close: () => void } {
  const { network, rules, signal, note, sleep = delay } = deps;
  const sender = createSender((to) => connectChecked(network, rules, to));

  const get: Get = async (url, options) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await follow(url, options);
      } catch (error) {
        const failure = classify(error, url, signal);
        if (failure.reason !== 'SourceUnavailable' || attempt === ATTEMPTS || signal.aborted) throw failure;
        note(`${failure.message}; retrying`);
        await sleep(500 * 2 ** (attempt - 1));
      }
    }
  };

  async function follow(url: string, options: Parameters<Get>[1]): Promise<HttpAnswer> {
    const first = new URL(url);
    let at = first;
    for (let hop = 0; hop <= HOPS; hop += 1) {
      checkScheme(at, first.protocol, deps.allowPlain);
      const bound = at.origin === first.origin ? options.authorization : undefined;
      const answer = await sender.send(at, headersFor(options.accept, bound), signal);
      const { statusCode: status = 0, headers } = answer;
      const next = redirectOf(status, headers['location'], at);
      if (!next && (isFine(status) || options.expect?.includes(status))) {
        const { limit, archive = false } = options;
        const body = await readBody(answer, { limit, archive, what: shownUrl(at) });
        return { status, headers, body };
      }
      answer.destroy();
      if (!next) throw statusFailure(status, at);
      at = next;
    }
    throw new Failure(
      'SourceRefused',
      `${shownUrl(first)} redirects more than ${HOPS} times; give the final address`,
    );
  }
  return { get, close: sender.close };
}

const headersFor = (accept = '*/*', authorization: string | undefined) => ({
  'user-agent': 'pinion',
  accept,
  'accept-encoding': 'identity',
  ...(authorization ? { authorization } : {}),
});

const isFine = (status: number) => status >= 200 && status <= 299;

function redirectOf(status: number, location: string | string[] | undefined, at: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, at.href)) {
    throw new Failure('SourceRefused', `${shownUrl(at)} redirects to an invalid address`);
  }
  return new URL(location, at);
}

function checkScheme(at: URL, first: string, allowPlain: boolean): void {
  if (at.protocol === 'https:') return;
  if (at.protocol === 'http:' && allowPlain && first === 'http:') return;
  throw new Failure(
    'SourceRefused',
    at.protocol === 'http:' && first === 'https:'
      ? `a redirect leads from https:// to ${shownUrl(at)}; give an address that stays on https://`
      : `${shownUrl(at)} is not https://; use https://, or ask the administrator for --source-secure-loose`,
  );
}

/** Without the query, where presigned addresses carry their signature. */
const shownUrl = ({ protocol, host, pathname }: URL) => `${protocol}//${host}${pathname}`;

function statusFailure(status: number, at: URL): Failure {
  const url = shownUrl(at);
  if (status === 401 || status === 403) {
    return new Failure(
      'SourceRefused',
      `${url} answered ${status}; check username, password or token in the Secret of secretRef`,
    );
  }
  if (status === 429 || status >= 500) return new Failure('SourceUnavailable', `${url} answered ${status}`);
  return new Failure('SourceInvalid', `${url} answered ${status}; check the address`);
}

/** What ends a fetch that is under way: the plugin's time, or the end of its pod. */
const stopped = (shown: string, { reason }: AbortSignal) =>
  (reason as Error | undefined)?.name === 'TimeoutError'
    ? `${shown} was not fetched within spec.timeout of the plugin; check how fast the server answers in the host cluster, or raise spec.timeout`
    : `${shown} was not fetched: the pod is being terminated`;

/** Certificate problems that stay until the Secret or the server changes. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS/;

function classify(error: unknown, url: string, signal: AbortSignal): Failure {
  if (error instanceof Failure) return error;
  const { code, message, cause } = error as NodeJS.ErrnoException;
  if (cause instanceof Failure) return cause;
  const shown = shownUrl(new URL(url));
  if (signal.aborted) return new Failure('SourceUnavailable', stopped(shown, signal), { cause: error });
  if (CERTIFICATE.test(code ?? '')) {
    return new Failure(
      'SourceRefused',
      `the certificate of ${shown} is not trusted (${message}); put its CA into ca.crt of the Secret of secretRef`,
      { cause: error },
    );
  }
  return new Failure('SourceUnavailable', `${shown} can't be reached: ${message || code}`, { cause: error });
}

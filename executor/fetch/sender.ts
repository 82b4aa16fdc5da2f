import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a server may be silent, before its response and within it. */
const SILENCE_MS = 30_000;

export type Sender = {
  /** Sends a GET and gives the answer once its headers are there. */
  send: (at: URL, headers: Record<string, string>, signal: AbortSignal) => Promise<IncomingMessage>;
  close: () => void;
};

/** Connections come from `connect`, and with them TLS; they are used again for the same host. */
type Connect = (to: { hostname: string; port: number; secure: boolean }) => Promise<Socket>;

/**
 * HTTP over sockets that the caller opens and secures. Node's own: an HTTP library takes longer to import
 * than most sources take to fetch.
 */
export function createSender(connect: Connect, silenceMs = SILENCE_MS): Sender {
  const plain = new ConnectAgent(connect, false);
  const secure = new ConnectAgent(connect, true);
  return {
    send: (at, headers, signal) =>
      new Promise((resolve, reject) => {
        const isSecure = at.protocol === 'https:';
        const sent = request({
          agent: isSecure ? secure : plain,
          host: at.hostname,
          port: Number(at.port || (isSecure ? 443 : 80)),
          path: `${at.pathname}${at.search}`,
          headers: { ...headers, host: at.host },
          timeout: silenceMs,
          signal,
        });
        sent.on('timeout', () => sent.destroy(new Error(`no data for ${silenceMs / 1000} s`)));
        sent.on('error', reject);
        sent.on('response', resolve);
        sent.end();
      }),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** One for each scheme, so that a request for https:// never goes over a plain connection. */
class ConnectAgent extends Agent {
  readonly #connect: Connect;
  readonly #secure: boolean;

  constructor(connect: Connect, secure: boolean) {
    super({ keepAlive: true });
    this.#connect = connect;
    this.#secure = secure;
  }

  override createConnection(
    options: ClientRequestArgs,
    done: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const to = { hostname: options.host ?? '', port: Number(options.port), secure: this.#secure };
    this.#connect(to).then(
      (socket) => done(null, socket),
      // Node looks at the stream only where there is no error.
      (error: Error) => done(error, undefined as never),
    );
  }
}

import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { BENCH_AGENT } from './audit/event.ts';

type Metadata = { name: string; resourceVersion: string; creationTimestamp?: string };
export type Resource = { metadata: Metadata; status?: Record<string, unknown> };

const HEADERS = { 'user-agent': BENCH_AGENT };

/** A small client without caches, so that only the cluster is timed. */
export class Api {
  readonly #server: string;
  readonly #agent: Agent;

  private constructor(server: string, agent: Agent) {
    this.#server = server;
    this.#agent = agent;
  }

  /** A client with the credentials of a kubeconfig file. */
  static async load(kubeconfig: string): Promise<Api> {
    const target = parseKubeconfig(await readFile(kubeconfig, 'utf8'));
    const pem = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString();
    const agent = new Agent({
      ca: pem(target.ca),
      cert: pem(target.cert),
      key: pem(target.key),
      keepAlive: true,
      maxSockets: 64,
    });
    return new Api(target.server, agent);
  }

  /** The JSON of an answer. @throws when its code is not 2xx */
  async send<T = Resource>(method: string, path: string, body?: unknown): Promise<T> {
    return JSON.parse(await this.text(method, path, body)) as T;
  }

  /** The text of an answer. @throws when its code is not 2xx */
  text(method: string, path: string, body?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#server}${path}`,
        { method, agent: this.#agent, headers: { ...HEADERS, 'content-type': 'application/json' } },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('end', () => {
            const text = Buffer.concat(parts).toString();
            if ((answer.statusCode ?? 500) < 300) resolve(text);
            else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 500)}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Watches a collection until `count` distinct objects satisfy `done`; returns the `performance.now()` of the last. */
  async untilDone(
    path: string,
    count: number,
    done: (object: Resource) => boolean,
    seconds: number,
  ): Promise<number> {
    const finished = new Set<string>();
    await this.watch(path, seconds, (object) => {
      if (done(object)) finished.add(object.metadata.name);
      return finished.size >= count;
    });
    return performance.now();
  }

  /**
   * Calls `see` with every object of a collection, and every change, until it returns true.
   * @throws when that takes longer than `seconds`
   */
  async watch(
    path: string,
    seconds: number,
    see: (object: Resource, type: string) => boolean,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        sent.destroy();
        reject(new Error(`${path}: no expected change within ${seconds} s`));
      }, seconds * 1000);
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      let rest = '';
      let ended = false;
      const sent = request(
        `${this.#server}${path}${path.includes('?') ? '&' : '?'}watch=1`,
        { agent: this.#agent, headers: HEADERS },
        (answer) => {
          answer.on('error', fail);
          answer.on('end', () => fail(new Error(`${path}: the server ended the watch`)));
          answer.on('data', (part: Buffer) => {
            const lines = `${rest}${part.toString()}`.split('\n');
            rest = lines.pop() ?? '';
            for (const line of lines) {
              const { object, type } = JSON.parse(line) as { object: Resource; type: string };
              if (!ended) ended = see(object, type);
            }
            if (!ended) return;
            clearTimeout(timer);
            sent.destroy();
            resolve();
          });
        },
      );
      sent.on('error', fail);
      sent.end();
    });
  }
}

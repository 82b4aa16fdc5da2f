import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { BENCH_AGENT } from './audit/event.ts';

type Metadata = { name: string; resourceVersion: string; creationTimestamp?: string };
export type Resource = { metadata: Metadata; status?: Record<string, unknown> };

/** Sees an object and the type of its change; true ends the watch. */
type See = (object: Resource, type: string) => boolean;

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
   * Calls `see` with every object of a collection, and every change, until it returns true. When the server ends the
   * watch, as it does under load, it begins again and `see` gets every object again.
   * @throws when that takes longer than `seconds`
   */
  async watch(path: string, seconds: number, see: See): Promise<void> {
    const signal = AbortSignal.timeout(seconds * 1000);
    try {
      while (!(await this.#watchOnce(path, signal, see))) await delay(200, undefined, { signal });
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw new Error(`${path}: no expected change within ${seconds} s`, { cause });
    }
  }

  /** Whether `see` returned true before the server ended the watch. */
  #watchOnce(path: string, signal: AbortSignal, see: See): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const url = `${this.#server}${path}${path.includes('?') ? '&' : '?'}watch=1`;
      const sent = request(url, { agent: this.#agent, headers: HEADERS, signal }, (answer) => {
        if (answer.statusCode !== 200) {
          answer.resume();
          resolve(false);
          return;
        }
        const changes = createInterface({ input: answer });
        changes.on('line', (line) => {
          const { object, type } = JSON.parse(line) as { object: Resource; type: string };
          if (!see(object, type)) return;
          resolve(true);
          changes.removeAllListeners('line');
          sent.destroy();
        });
        changes.on('error', reject);
        changes.on('close', () => resolve(false));
      });
      sent.on('error', reject);
      sent.end();
    });
  }
}

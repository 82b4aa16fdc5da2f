import { execa } from 'execa';
import { inject } from 'vitest';

/** What a kubectl run printed; `ok` says whether it exited 0. */
export type Outcome = { ok: boolean; stdout: string; stderr: string };

/** Runs the project's kubectl against the cluster under test. Failure is a value. */
export async function tryKubectl(args: string[], input?: string): Promise<Outcome> {
  const run = await execa('.local/bin/kubectl', args, {
    env: { KUBECONFIG: inject('kubeconfig') },
    reject: false,
    timeout: 330_000,
    ...(input === undefined ? {} : { input }),
  });
  return { ok: run.exitCode === 0, stdout: run.stdout, stderr: run.stderr };
}

/** Runs kubectl for what must work. @returns its output @throws Error with its stderr */
export async function kubectl(args: string[], input?: string): Promise<string> {
  const { ok, stdout, stderr } = await tryKubectl(args, input);
  if (!ok) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export const apply = (...objects: object[]) =>
  kubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));

export const tryApply = (...objects: object[]) =>
  tryKubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));

/** Reads one object. @returns undefined when it does not exist */
export async function get<T = Record<string, unknown>>(
  resource: string,
  name: string,
  namespace: string,
): Promise<T | undefined> {
  const text = await kubectl(['get', resource, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
  return text === '' ? undefined : (JSON.parse(text) as T);
}

/** Reads all objects of a kind, in one namespace or in all. */
export async function list<T = Record<string, unknown>>(resource: string, ...flags: string[]): Promise<T[]> {
  return (JSON.parse(await kubectl(['get', resource, ...flags, '-o', 'json'])) as { items: T[] }).items;
}

/**
 * Options for expect.poll. A Service accepts connections a moment after its pods are Ready, and a connection that is
 * opened while kube-proxy writes its rules hangs: each try needs its own limit of a few seconds.
 */
export const WITHIN_A_MINUTE = { timeout: 60_000, interval: 500 };

/**
 * Polls twice a second until `probe` returns something that is neither undefined nor false.
 * @returns what `probe` returned
 * @throws Error after `seconds`, with what `describe` returns then
 */
export async function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined | false>,
  describe?: () => Promise<string>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const result = await probe();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > end) {
      throw new Error(
        `timed out after ${seconds} s waiting until ${what}${describe ? `\n${await describe()}` : ''}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

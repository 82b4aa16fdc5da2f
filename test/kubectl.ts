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

/** The same, for what must work: throws with what kubectl said. */
export async function kubectl(args: string[], input?: string): Promise<string> {
  const { ok, stdout, stderr } = await tryKubectl(args, input);
  if (!ok) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export const apply = (...objects: object[]) =>
  kubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));

export const tryApply = (...objects: object[]) =>
  tryKubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));

/** Reads one object, or undefined when it is not there. */
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
 * For expect.poll. A Service takes connections a moment after its pods are Ready, and one that is begun while kube-proxy
 * writes its rules hangs: each try needs a limit of its own, of a few seconds.
 */
export const WITHIN_A_MINUTE = { timeout: 60_000, interval: 500 };

/**
 * Waits until `probe` gives something that is neither undefined nor false, and gives it back. Asks twice a
 * second; after `seconds` it throws, with what `describe` says of the state then.
 */
export async function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined | false>,
  describe?: () => Promise<string>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s: ${what}${describe ? `\n${await describe()}` : ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

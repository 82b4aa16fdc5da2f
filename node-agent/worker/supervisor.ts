import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../bring-up/services.ts';

const BACKOFF = { baseMs: 200, maxMs: 10_000, healthyMs: 30_000 };
const LOOK_MS = 100;

/** Runs one service for as long as the signal lets it: again after each end, later and later while it fails at once. */
export async function supervise(
  service: Service,
  {
    signal,
    say,
    clock = Date.now,
  }: { signal: AbortSignal; say: (line: string) => void; clock?: () => number },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    if (service.needs !== undefined && !existsSync(service.needs)) {
      await pause(LOOK_MS, signal);
      continue;
    }
    const began = clock();
    const how = await runOnce(service, signal, say);
    if (signal.aborted) return;
    failures = clock() - began > BACKOFF.healthyMs ? 0 : failures + 1;
    const waitMs = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** failures);
    say(`ended (${how}); begins again in ${waitMs / 1000} s`);
    await pause(waitMs, signal);
  }
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined);

/** Resolves with how it ended. When the signal comes it is killed: nothing of the node is needed after that. */
function runOnce({ argv, env }: Service, signal: AbortSignal, say: (line: string) => void): Promise<string> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', say);
    }
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, name) => resolve(name ?? `exit code ${code}`));
  });
}

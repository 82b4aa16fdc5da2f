import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../bring-up/services.ts';

const BACKOFF = { baseMs: 200, maxMs: 10_000, healthyMs: 30_000 };
const POLL_MS = 100;

/** Runs one service until the signal. Restarts it after each end, with exponential back-off while it fails at once. */
export async function supervise(
  service: Service,
  {
    signal,
    log,
    clock = Date.now,
  }: { signal: AbortSignal; log: (line: string) => void; clock?: () => number },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    if (service.needs !== undefined && !existsSync(service.needs)) {
      await pause(POLL_MS, signal);
      continue;
    }
    const began = clock();
    const how = await runOnce(service, signal, log);
    if (signal.aborted) return;
    failures = clock() - began > BACKOFF.healthyMs ? 0 : failures + 1;
    const waitMs = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** failures);
    log(`ended (${how}); restarting in ${waitMs / 1000} s`);
    await pause(waitMs, signal);
  }
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined);

/** Runs the program once; the signal kills it. @returns how it ended */
function runOnce({ argv, env }: Service, signal: AbortSignal, log: (line: string) => void): Promise<string> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', log);
    }
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, name) => resolve(name ?? `exit code ${code}`));
  });
}

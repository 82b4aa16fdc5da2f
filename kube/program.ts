import { type Logger, pino } from 'pino';
import type { Start } from '#api/command-line.ts';
import { KubeClient } from './client.ts';
import { loadConnection } from './connection.ts';

type Context<C> = {
  config: C;
  /** Of the program's own cluster. */
  client: KubeClient;
  log: Logger;
  /** Aborts on SIGTERM and SIGINT. */
  stop: AbortController;
};

/** The program ends at the latest this long after a signal; its pod's grace period is longer. */
const SHUTDOWN_MS = 15_000;

/**
 * Runs a program that talks to its own cluster, from its command line to its exit. Reads KUBECONFIG or the pod's service
 * account. The exit code is 2 for a wrong command line, 1 when `run` throws, else the one that `run` resolves to.
 */
export async function runProgram<C extends { logLevel: string }>(
  name: string,
  start: Start<C>,
  run: (context: Context<C>) => Promise<number>,
): Promise<never> {
  if (start.kind === 'exit') {
    if (start.code === 0) process.stdout.write(start.stdout);
    else process.stderr.write(`${name}: ${start.stderr}`);
    process.exit(start.code);
  }
  const { config } = start;
  try {
    const client = new KubeClient(await loadConnection(process.env));
    const log = pino({ level: config.logLevel, base: { program: name } });
    process.exit(await run({ config, client, log, stop: stopOnSignal(log) }));
  } catch (error) {
    process.stderr.write(`${name}: ${(error as Error).message}\n`);
    process.exit(1);
  }
}

function stopOnSignal(log: Logger): AbortController {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'shutting down');
      stop.abort();
      setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    });
  }
  return stop;
}

/** Resolves when the signal aborts, at once when it already has. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

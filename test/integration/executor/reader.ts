import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { createRun } from '#executor/command/run.ts';
import type { Config } from '#executor/config.ts';
import { createLog } from '#executor/log/log.ts';
import { createRedactor } from '#executor/log/redactor.ts';
import type { RenderContext } from '#executor/render/rendered.ts';

export const BIN = resolve(import.meta.dirname, '../../../.local/bin');

/** What the executor's readers of text need, and a directory for files. */
export async function aReader(): Promise<{ context: RenderContext; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-text-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const redactor = createRedactor();
  const log = createLog({ format: 'text', redactor, clock: Date.now, write: () => undefined });
  const context = {
    log,
    redactor,
    run: createRun({ log, redactor }),
    config: { scratch: directory, memory: directory } as Config,
    env: { PATH: BIN },
    abort: new AbortController().signal,
    remaining: () => 60_000,
  };
  return { context: context as unknown as RenderContext, directory };
}

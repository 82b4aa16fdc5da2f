import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { layout } from '#local/layout.ts';

/** Runs kubectl, helm or kustomize of `.local/bin` against one cluster. @throws Error with its stderr */
export type Tool = (args: string[], options?: { input?: string; timeoutMs?: number }) => Promise<string>;

export function tool(name: 'kubectl' | 'helm' | 'kustomize', kubeconfig: string): Tool {
  return async (args, { input, timeoutMs = 300_000 } = {}) => {
    const run = await execa(join(layout.bin, name), args, {
      env: { KUBECONFIG: kubeconfig },
      reject: false,
      timeout: timeoutMs,
      ...(input === undefined ? {} : { input }),
    });
    if (run.failed) throw new Error(`${name} ${args.join(' ')}: ${run.stderr || run.shortMessage}`);
    return run.stdout;
  };
}

/** Links the user's kubectl, helm and kustomize into `.local/bin`, for a cluster of the user's. */
export async function linkToolsOfPath(): Promise<void> {
  await mkdir(layout.bin, { recursive: true });
  for (const name of ['kubectl', 'helm', 'kustomize']) {
    if (existsSync(join(layout.bin, name))) continue;
    const location = await execa('sh', ['-c', `command -v ${name}`], { reject: false });
    if (location.failed) throw new Error(`CLUSTER=existing needs ${name}, which is not on PATH: install it`);
    await symlink(location.stdout, join(layout.bin, name));
  }
}

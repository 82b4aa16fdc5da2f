/** `make install`: applies deploy/, then deploy/catalogue, to the cluster of KUBECONFIG, unless a Kosmos operator runs there. */
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { type Deployment, kosmosOperators } from './kosmos.ts';

const folder = import.meta.dirname;
// The user's kubectl comes first; the local cluster's is there after `make up`.
const path = [process.env['PATH'] ?? '', join(folder, '..', '.local', 'bin')].join(delimiter);
const kubectl = (...args: string[]) => execa('kubectl', args, { env: { PATH: path }, reject: false });

// Server-side, because the annotation of a client-side apply would contain a whole CRD.
const apply = (path: string) => kubectl('apply', '--server-side', '--force-conflicts', '-k', path);

function printed({ stdout, stderr, failed }: Awaited<ReturnType<typeof apply>>): boolean {
  process.stdout.write(`${stdout}\n`);
  process.stderr.write(failed ? `${stderr}\n` : stderr);
  return !failed;
}

const CATALOGUE_LIMIT_MS = 120_000;

/**
 * Retries, because the API server serves new kinds only a moment after it has their definitions, and an older webhook
 * that is being replaced refuses fields that it does not know. No program of Pinion has to run for it.
 */
async function applyCatalogue() {
  const end = Date.now() + CATALOGUE_LIMIT_MS;
  for (;;) {
    const applied = await apply(join(folder, 'catalogue'));
    if (!applied.failed || Date.now() > end) return applied;
    await setTimeout(1000);
  }
}

async function main(): Promise<number> {
  const listed = await kubectl('get', 'deployments', '--all-namespaces', '--output=json');
  if (listed.failed) {
    process.stderr.write(
      `cannot reach the cluster: ${listed.stderr || listed.shortMessage}\nset KUBECONFIG and check that kubectl works\n`,
    );
    return 1;
  }
  const running = kosmosOperators((JSON.parse(listed.stdout) as { items: Deployment[] }).items);
  if (running.length > 0) {
    const [first = ''] = running;
    const [namespace, name] = first.split('/');
    process.stderr.write(
      `a Kosmos operator runs here (${running.join(', ')}) and owns the same kinds; the two would undo each other's work.\nStop it first, for example: kubectl scale --replicas=0 -n ${namespace} deployment/${name}\n`,
    );
    return 1;
  }
  const applied = await apply(folder);
  if (!printed(applied)) return 1;
  if (!printed(await applyCatalogue())) return 1;
  process.stdout.write('\nNext: kubectl rollout status -n pinion-system deployment/pinion-operator\n');
  return 0;
}

process.exitCode = await main();

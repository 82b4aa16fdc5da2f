/** `make install`: kubectl apply -k deploy/, then deploy/catalogue, into the cluster of KUBECONFIG, unless a Kosmos operator runs there. */
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { type Deployment, kosmosOperators } from './kosmos.ts';

const folder = import.meta.dirname;
// A kubectl of the user's own comes first; the local cluster's is there after `make up`.
const path = [process.env['PATH'] ?? '', join(folder, '..', '.local', 'bin')].join(delimiter);
const kubectl = (...args: string[]) => execa('kubectl', args, { env: { PATH: path }, reject: false });

// Server-side: no annotation with all of a CRD in it.
const apply = (path: string) => kubectl('apply', '--server-side', '--force-conflicts', '-k', path);

function told({ stdout, stderr, failed }: Awaited<ReturnType<typeof apply>>): boolean {
  process.stdout.write(`${stdout}\n`);
  process.stderr.write(failed ? `${stderr}\n` : stderr);
  return !failed;
}

const CATALOGUE_LIMIT_MS = 120_000;

/**
 * The kinds are served a moment after they are defined, and while an older webhook is replaced it refuses what it
 * does not know: so it is tried again, and nothing has to run for it.
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
      `the cluster can't be asked: ${listed.stderr || listed.shortMessage}\nset KUBECONFIG, and see that kubectl works\n`,
    );
    return 1;
  }
  const running = kosmosOperators((JSON.parse(listed.stdout) as { items: Deployment[] }).items);
  if (running.length > 0) {
    const [first = ''] = running;
    const [namespace, name] = first.split('/');
    process.stderr.write(
      `a Kosmos operator runs here (${running.join(', ')}) and owns the same kinds; the two would undo each other's work.\nStop it first, like: kubectl scale --replicas=0 -n ${namespace} deployment/${name}\n`,
    );
    return 1;
  }
  const applied = await apply(folder);
  if (!told(applied)) return 1;
  if (!told(await applyCatalogue())) return 1;
  process.stdout.write('\nNext: kubectl rollout status -n pinion-system deployment/pinion-operator\n');
  return 0;
}

process.exitCode = await main();

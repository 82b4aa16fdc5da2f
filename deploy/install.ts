/** `make install`: kubectl apply -k deploy/ into the cluster of KUBECONFIG, unless a Kosmos operator runs there. */
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { type Deployment, kosmosOperators } from './kosmos.ts';

const folder = import.meta.dirname;
// A kubectl of the user's own comes first; the local cluster's is there after `make up`.
const path = [process.env['PATH'] ?? '', join(folder, '..', '.local', 'bin')].join(delimiter);
const kubectl = (...args: string[]) => execa('kubectl', args, { env: { PATH: path }, reject: false });

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
  // Server-side: no annotation with all of a CRD in it.
  const applied = await kubectl('apply', '--server-side', '--force-conflicts', '-k', folder);
  process.stdout.write(`${applied.stdout}\n`);
  process.stderr.write(applied.stderr);
  if (applied.failed) return 1;
  process.stdout.write('\nNext: kubectl rollout status -n pinion-system deployment/pinion-operator\n');
  return 0;
}

process.exitCode = await main();

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type JoinOrder, joinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';

const HELP = `usage: node node-agent/main.ts COMMAND [flags]

Makes a machine or a pod a node of a managed cluster.

Commands:
  worker   in a worker pod: brings the node up and keeps its programs running until SIGTERM
  install  in a privileged pod on each host node: installs the agent on the machine, and repairs it
  host     on a host machine: the agent, which moves the machine into managed clusters and back

Flags of worker:
  --order FILE           the join order, JSON
  --health-port PORT     /healthz for the liveness probe (10270)
  --programs FOLDER      kubelet, kube-proxy and flanneld (/opt/pinion/bin)
  --cni-programs FOLDER  the CNI plugins (/usr/lib/cni)

Flags of install:
  --node NAME            the machine's node
  --address IP           its InternalIP
  --port N               the agent's port for the operator (10270)
  --host-unit UNIT       unit of the machine's own kubelet, which must exist; repeat for kube-proxy and others
  --authority FILE       CA certificates of the operator's client certificates
  --programs FOLDER, --cni-programs FOLDER as above
  --host-root FOLDER     the machine's root (/proc/1/root, in a pod with hostPID)
  --ready-file FILE      exists while the agent runs (/tmp/ready)

The unit that install writes sets the flags of host.
`;

async function readOrder(path: string | undefined): Promise<JoinOrder> {
  if (path === undefined) throw new TypeError('--order is required: the file with the join order');
  const parsed = joinOrder.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  // Only the paths, never the values: the text holds a credential.
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new ReasonedError('InvalidJoinOrder', `${path} is not a valid join order: check ${where}`);
}

async function worker(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      order: { type: 'string' },
      'health-port': { type: 'string', default: '10270' },
      programs: { type: 'string', default: '/opt/pinion/bin' },
      'cni-programs': { type: 'string', default: '/usr/lib/cni' },
    },
  });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const { runWorker } = await import('./worker/worker.ts');
  const order = await readOrder(values.order);
  const { programs, 'cni-programs': cniPrograms } = values;
  await runWorker({ order, healthPort: Number(values['health-port']), programs, cniPrograms }, stop.signal);
}

const install = async (args: string[]) => (await import('./host/install.ts')).runInstall(args);
const host = async (args: string[]) => (await import('./host/host.ts')).runHost(args);

const commands: Record<string, (args: string[]) => Promise<void>> = { worker, install, host };

const [command = '', ...rest] = process.argv.slice(2);
try {
  if (command === '--help' || command === '-h' || rest.includes('--help')) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const run = commands[command];
  if (!run) throw new TypeError(`unknown command "${command}"; see node node-agent/main.ts --help`);
  await run(rest);
  process.exit(0);
} catch (error) {
  process.stderr.write(`node-agent: ${(error as Error).message}\n`);
  process.exit(error instanceof TypeError ? 2 : 1);
}

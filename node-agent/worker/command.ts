import { readFile } from 'node:fs/promises';
import { readCommandLine, type Start } from '#api/command-line.ts';
import { type JoinOrder, joinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';
import { requiredFlag, textFlag, valueFlag, wholeNumber } from '#api/flags.ts';
import { runWorker } from './worker.ts';

const USAGE = {
  command: 'node node-agent/main.ts worker',
  about: 'Runs in a worker pod: brings its node up and keeps the programs of the node running until SIGTERM.',
  flags: {
    order: requiredFlag({ placeholder: 'FILE', description: 'File with the join order, JSON' }),
    'health-port': valueFlag({
      placeholder: 'PORT',
      description: 'HTTP port of /healthz, for the liveness probe',
      default: '10270',
      parse: wholeNumber(0, 65535),
    }),
    programs: textFlag({
      placeholder: 'FOLDER',
      description: 'Folder of kubelet, kube-proxy and flanneld',
      default: '/opt/pinion/bin',
    }),
    'cni-programs': textFlag({
      placeholder: 'FOLDER',
      description: 'Folder of the CNI plugins',
      default: '/usr/lib/cni',
    }),
  },
};

/** Reads the flags of the command; the configuration is the function that runs it. */
export const workerCommand = (args: readonly string[]): Start<() => Promise<void>> =>
  readCommandLine(USAGE, args, (flags) => async () => {
    const stop = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
    const order = await readOrder(flags.order);
    const { programs, 'cni-programs': cniPrograms, 'health-port': healthPort } = flags;
    await runWorker({ order, healthPort, programs, cniPrograms }, stop.signal);
  });

/** @throws ReasonedError InvalidJoinOrder, without the text: it holds a credential. */
async function readOrder(path: string): Promise<JoinOrder> {
  const parsed = joinOrder.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new ReasonedError('InvalidJoinOrder', `${path} is not a join order: see ${where}`);
}

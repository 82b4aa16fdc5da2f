#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { removeCluster } from './down.ts';
import { LocalError } from './errors.ts';
import { locked } from './lock.ts';
import { initOf, startMachine, stopMachine } from './machine.ts';
import { isMachineName, machineNames } from './names.ts';
import { Progress } from './progress.ts';
import { prepareHost } from './roots.ts';
import { knownCluster, settleCluster } from './state.ts';
import { status } from './status.ts';
import { up } from './up.ts';

const help = `Usage: node local/cli.ts COMMAND

Runs a Kubernetes cluster of one control-plane and three worker machines on this machine.

  up                     start the cluster, whatever state it is in
  down                   stop it and leave nothing outside the clone's folder
  status                 show what is running (exit code 1 if the API server does not answer)
  stop-machine NAME      cut the power of one machine
  start-machine NAME     boot it again with the disk that it had
  pid NAME               print the pid of the machine's init, for nsenter -t PID -a

Machines: ${machineNames.join(', ')}.
With CLUSTER=existing and KUBECONFIG set no local cluster is needed: up and down do nothing.
`;

async function machineCommand(
  command: 'stop-machine' | 'start-machine' | 'pid',
  name: string | undefined,
): Promise<void> {
  if (name === undefined || !isMachineName(name))
    throw new LocalError(
      'UnknownMachine',
      `${command} needs one of ${machineNames.join(', ')}; got ${name ?? 'nothing'}`,
    );
  const cluster = await knownCluster();
  if (cluster === undefined)
    throw new LocalError('NoCluster', 'there is no local cluster yet: run `make up`');
  const init = await initOf(cluster, name);
  switch (command) {
    case 'stop-machine':
      return locked(() => stopMachine(cluster, name));
    case 'start-machine':
      if (init === undefined) await locked(() => startMachine(cluster, name));
      return;
    case 'pid':
      if (init === undefined)
        throw new LocalError(
          'NotRunning',
          `${name} is not running: start it with node local/cli.ts start-machine ${name}`,
        );
      process.stdout.write(`${init}\n`);
      return;
  }
}

async function down(progress: Progress): Promise<void> {
  const cluster = (await knownCluster()) ?? (await settleCluster());
  await progress.step('down', () => removeCluster(cluster));
}

/** Runs one command. @returns the exit code */
async function main(argv: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [command, name] = positionals;
  if (values.help === true || command === undefined) {
    process.stdout.write(help);
    return values.help === true ? 0 : 2;
  }
  const existing = process.env['CLUSTER'] === 'existing';
  const progress = new Progress();
  try {
    switch (command) {
      case 'up':
      case 'down':
        if (existing)
          progress.note(
            `CLUSTER=existing: ${process.env['KUBECONFIG'] ?? '~/.kube/config'} is used, nothing to do`,
          );
        else {
          await prepareHost(); // before the lock, which needs root
          await locked(() => (command === 'up' ? up(progress) : down(progress)));
        }
        return 0;
      case 'status': {
        const [text, running] = await status();
        process.stdout.write(`${text}\n`);
        return running ? 0 : 1;
      }
      case 'stop-machine':
      case 'start-machine':
      case 'pid':
        await machineCommand(command, name);
        return 0;
      default:
        throw new LocalError('UnknownCommand', `unknown command ${command}: see --help`);
    }
  } finally {
    progress.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  process.stderr.write(`${error.reason}: ${error.message}\n`);
  process.exitCode = 1;
}

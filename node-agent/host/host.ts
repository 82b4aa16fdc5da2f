import { watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readCommandLine, type Start } from '#api/command-line.ts';
import { type FlagValues, listFlag, requiredFlag, textFlag, valueFlag, wholeNumber } from '#api/flags.ts';
import { HostAgent } from './host-agent.ts';
import { layout } from './layout.ts';
import { createAgentServer } from './server.ts';

const AUTHORITY_POLL_MS = 5_000;

const USAGE = {
  command: 'node node-agent/main.ts host',
  about:
    'The agent on a host machine: joins it to managed clusters and returns it to the host cluster. The systemd unit that\nthe command install writes sets these flags.',
  flags: {
    version: textFlag({ placeholder: 'TEXT', description: 'Version of the agent', default: 'unknown' }),
    address: requiredFlag({ placeholder: 'IP', description: 'Address to listen on' }),
    port: valueFlag({
      placeholder: 'PORT',
      description: 'HTTPS port to listen on',
      default: '10270',
      parse: wholeNumber(0, 65535),
    }),
    'host-unit': listFlag({ placeholder: 'UNIT', description: "systemd unit of the machine's own node" }),
    programs: textFlag({
      placeholder: 'FOLDER',
      description: 'Folder of kubelet, kube-proxy and flanneld',
      default: '',
    }),
    'cni-programs': textFlag({
      placeholder: 'FOLDER',
      description: 'Folder of the CNI plugins',
      default: '',
    }),
  },
};

type HostFlags = FlagValues<typeof USAGE.flags>;

/** Reads the flags of the command; the configuration is the function that runs it. */
export const hostCommand = (args: readonly string[]): Start<() => Promise<void>> =>
  readCommandLine(USAGE, args, (flags) => () => runHost(flags));

/** Serves until it is killed. That loses nothing: the state file holds what is under way. */
async function runHost(flags: HostFlags): Promise<never> {
  const { version, address, port, programs, 'cni-programs': cniPrograms, 'host-unit': hostUnits } = flags;
  const agent = await HostAgent.start({
    version,
    settings: { programs, cniPrograms, address, hostUnits },
    statePath: layout.state,
    log: (line) => process.stdout.write(`${line}\n`),
  });
  const server = createAgentServer(agent, await readCredentials());
  watchFile(layout.authority, { interval: AUTHORITY_POLL_MS }, () => {
    readCredentials().then(
      (credentials) => server.setSecureContext(credentials),
      (error: Error) => process.stderr.write(`${layout.authority}: ${error.message}\n`),
    );
  });
  server.listen(port, address);
  return new Promise((_resolve, reject) => server.once('error', reject));
}

async function readCredentials() {
  const [key, cert, ca] = await Promise.all(
    [layout.key, layout.certificate, layout.authority].map((path) => readFile(path, 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '', ca: ca ?? '' };
}

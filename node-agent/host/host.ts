import { watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { HostAgent } from './host-agent.ts';
import { layout } from './layout.ts';
import { createAgentServer } from './server.ts';

const AUTHORITY_POLL_MS = 5_000;

/** Serves until it is killed. The state file holds what is under way, so nothing is lost. */
export async function runHost(args: string[]): Promise<never> {
  const { values } = parseArgs({
    args,
    options: {
      version: { type: 'string', default: 'unknown' },
      address: { type: 'string' },
      port: { type: 'string' },
      'host-unit': { type: 'string', multiple: true, default: [] },
      programs: { type: 'string', default: '' },
      'cni-programs': { type: 'string', default: '' },
    },
  });
  const { version, address, port, programs, 'cni-programs': cniPrograms, 'host-unit': hostUnits } = values;
  if (address === undefined || port === undefined) throw new TypeError('--address and --port are required');
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
  server.listen(Number(port), address);
  return new Promise((_resolve, reject) => server.once('error', reject));
}

async function readCredentials() {
  const [key, cert, ca] = await Promise.all(
    [layout.key, layout.certificate, layout.authority].map((path) => readFile(path, 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '', ca: ca ?? '' };
}

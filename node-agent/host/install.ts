import { existsSync } from 'node:fs';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { announce } from '#api/contract/host-agent.ts';
import { type Bundle, copyBundle, removeUnusedVersions } from './bundle.ts';
import { ensureCertificate } from './certificate.ts';
import { run, tryRun } from './command.ts';
import { requireKubelet } from './host-units.ts';
import { AGENT_UNIT, layout, layoutIn } from './layout.ts';
import { writeWhole } from './state.ts';
import { agentUnitText } from './units.ts';

const CHECK_MS = 5_000;

type Options = {
  node: string;
  address: string;
  port: number;
  hostUnits: string[];
  authority: string;
  bundle: Bundle;
  hostRoot: string;
  readyFile: string;
};

/** Installs the agent, announces its certificate and port in the log, and stays to repair what changes. */
export async function runInstall(args: string[]): Promise<never> {
  const options = read(args);
  let lastAnnounced = '';
  for (;;) {
    const certificate = await installOnce(options);
    const isUp = (await tryRun(onHost(['systemctl', 'is-active', '--quiet', AGENT_UNIT]))).ok;
    const announced = announce({ port: options.port, certificate });
    if (announced !== lastAnnounced) process.stdout.write(`${announced}\n`);
    lastAnnounced = announced;
    if (isUp) await writeFile(options.readyFile, '');
    else if (existsSync(options.readyFile)) await unlink(options.readyFile);
    await sleep(CHECK_MS);
  }
}

/** Installs the version that this pod holds. Changes nothing on a machine that is up to date. */
async function installOnce(options: Options): Promise<string> {
  await requireKubelet(options.hostUnits, (argv) => tryRun(onHost(argv)));
  const host = layoutIn(options.hostRoot);
  const authority = await readFile(options.authority, 'utf8');
  if ((await textOf(host.authority)) !== authority) await writeWhole(host.authority, authority);
  const certificate = await ensureCertificate(host, options.node);
  const version = await copyBundle(options.bundle, host.versions);
  const unit = agentUnitText(agentArgv(options, version));
  const isThisVersion = (running: string) => running.includes(`${layout.versions}/${version}/`);
  const isWritten = (await textOf(`${host.units}/${AGENT_UNIT}`)) === unit;
  // An installer that was killed may have written the unit without restarting it.
  if (!isWritten || !isThisVersion(await runningAgent(options))) {
    await writeWhole(`${host.units}/${AGENT_UNIT}`, unit);
    await run(onHost(['systemctl', 'daemon-reload']));
    await run(onHost(['systemctl', 'enable', AGENT_UNIT]));
    await run(onHost(['systemctl', 'restart', AGENT_UNIT]));
  }
  const running = await runningAgent(options);
  if (isThisVersion(running))
    await removeUnusedVersions(host.versions, [running, ...(await unitTexts(host.units))]);
  return certificate;
}

/** Command line of the agent that runs on the machine; empty when no agent runs. */
async function runningAgent({ hostRoot }: Options): Promise<string> {
  const pid = await run(onHost(['systemctl', 'show', '--property=MainPID', '--value', AGENT_UNIT]));
  const words = (await textOf(`${hostRoot}/proc/${pid.trim()}/cmdline`)) ?? '';
  return words.split('\0').join(' ').trim();
}

/** The agent's unit and those of a tenant, which may have been written by an older agent. */
async function unitTexts(units: string): Promise<string[]> {
  const names = (await readdir(units)).filter((name) => /^pinion-.*\.service$/.test(name));
  return Promise.all(names.map(async (name) => (await textOf(join(units, name))) ?? ''));
}

/** The agent's command line, with paths as the machine sees them. */
function agentArgv({ address, port, hostUnits }: Options, version: string): string[] {
  const folder = `${layout.versions}/${version}`;
  return [
    `${folder}/node`,
    `${folder}/app/node-agent/main.ts`,
    'host',
    `--version=${version}`,
    `--address=${address}`,
    `--port=${port}`,
    ...hostUnits.map((unit) => `--host-unit=${unit}`),
    `--programs=${folder}/bin`,
    `--cni-programs=${folder}/cni`,
  ];
}

const textOf = (path: string) => readFile(path, 'utf8').catch(() => undefined);
const onHost = (argv: string[]): [string, ...string[]] => [
  'nsenter',
  '--target=1',
  '--mount',
  '--uts',
  '--ipc',
  '--net',
  '--pid',
  '--',
  ...argv,
];

function read(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      node: { type: 'string' },
      address: { type: 'string' },
      port: { type: 'string', default: '10270' },
      'host-unit': { type: 'string', multiple: true, default: [] },
      authority: { type: 'string' },
      programs: { type: 'string', default: '/opt/pinion/bin' },
      'cni-programs': { type: 'string', default: '/usr/lib/cni' },
      'host-root': { type: 'string', default: '/proc/1/root' },
      'ready-file': { type: 'string', default: '/tmp/ready' },
    },
  });
  const { node, address, authority } = values;
  if (node === undefined || address === undefined || authority === undefined) {
    throw new TypeError('--node, --address and --authority are required');
  }
  const hostUnits = values['host-unit'];
  if (hostUnits.length === 0)
    throw new TypeError('--host-unit is required: name the unit of the machine’s kubelet');
  return {
    node,
    address,
    authority,
    port: Number(values.port),
    hostUnits,
    bundle: { programs: values.programs, cni: values['cni-programs'] },
    hostRoot: values['host-root'],
    readyFile: values['ready-file'],
  };
}

import { existsSync } from 'node:fs';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine, type Start } from '#api/command-line.ts';
import { announce } from '#api/contract/host-agent.ts';
import { listFlag, requiredFlag, textFlag, UsageError, valueFlag, wholeNumber } from '#api/flags.ts';
import { type Bundle, copyBundle, removeUnusedVersions } from './bundle.ts';
import { ensureCertificate } from './certificate.ts';
import { run, tryRun } from './command.ts';
import { requireKubelet } from './host-units.ts';
import { AGENT_UNIT, layout, layoutIn } from './layout.ts';
import { writeWhole } from './state.ts';
import { agentUnitText } from './units.ts';

const CHECK_MS = 5_000;

const USAGE = {
  command: 'node node-agent/main.ts install',
  about:
    'Runs in a privileged pod on each host node: installs the agent on the machine and keeps it up to date. The systemd\nunit that it writes runs the command host.',
  flags: {
    node: requiredFlag({ placeholder: 'NAME', description: "Name of the machine's Node" }),
    address: requiredFlag({ placeholder: 'IP', description: 'InternalIP of the Node' }),
    port: valueFlag({
      placeholder: 'PORT',
      description: 'HTTPS port at which the operator reaches the agent',
      default: '10270',
      parse: wholeNumber(1, 65535),
    }),
    'host-unit': listFlag({
      placeholder: 'UNIT',
      description: "systemd unit of the machine's own kubelet; repeat it for its kube-proxy and others",
    }),
    authority: requiredFlag({
      placeholder: 'FILE',
      description: "PEM file of the CAs that sign the operator's client certificates",
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
    'host-root': textFlag({
      placeholder: 'FOLDER',
      description: "The machine's root, seen from a pod with hostPID",
      default: '/proc/1/root',
    }),
    'ready-file': textFlag({
      placeholder: 'FILE',
      description: 'File that exists while the agent runs, for the readiness probe',
      default: '/tmp/ready',
    }),
  },
};

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

/** Reads the flags of the command; the configuration is the function that runs it. */
export const installCommand = (args: readonly string[]): Start<() => Promise<void>> =>
  readCommandLine(USAGE, args, (flags) => {
    const { node, address, port, authority, programs } = flags;
    const hostUnits = flags['host-unit'];
    if (hostUnits.length === 0)
      throw new UsageError("--host-unit UNIT is missing: the unit of the machine's kubelet");
    const bundle = { programs, cni: flags['cni-programs'] };
    const [hostRoot, readyFile] = [flags['host-root'], flags['ready-file']];
    return () => runInstall({ node, address, port, authority, hostUnits, bundle, hostRoot, readyFile });
  });

/** Installs the agent, announces its port and certificate in the log, and repairs what changes later. */
async function runInstall(options: Options): Promise<never> {
  let last = '';
  for (;;) {
    const certificate = await installOnce(options);
    const isUp = (await tryRun(onHost(['systemctl', 'is-active', '--quiet', AGENT_UNIT]))).ok;
    const announced = announce({ port: options.port, certificate });
    if (announced !== last) process.stdout.write(`${announced}\n`);
    last = announced;
    if (isUp) await writeFile(options.readyFile, '');
    else if (existsSync(options.readyFile)) await unlink(options.readyFile);
    await sleep(CHECK_MS);
  }
}

/** Brings the machine to the release in this pod; changes nothing that is up to date. */
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

/** Texts of the agent's unit and of the units of a managed cluster, which an older agent may have written. */
async function unitTexts(units: string): Promise<string[]> {
  const names = (await readdir(units)).filter((name) => /^pinion-.*\.service$/.test(name));
  return Promise.all(names.map(async (name) => (await textOf(join(units, name))) ?? ''));
}

/** The command line of the agent, with paths as the machine sees them. */
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

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { access, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { writeKubeconfig } from '#api/kubeconfig.ts';

const BIN = resolve(import.meta.dirname, '../../.local/bin');

/** A Kubernetes API server of its own on loopback: real admission, real storage, no nodes. */
export type ApiServer = {
  kubeconfig: string;
  url: string;
  /** etcd's URL and the folder of its data. */
  etcd: { url: string; folder: string };
  stop: () => Promise<void>;
};

type Options = { controllerManager?: boolean; etcdArgs?: readonly string[] };

/**
 * Starts etcd and kube-apiserver, and with `controllerManager` kube-controller-manager (garbage collection, Jobs,
 * service accounts), on free loopback ports with all state in a temporary directory. `stop` ends them by pid.
 * The kubeconfig's user is in system:masters. Once more on other ports when a program ends, as it does when somebody has
 * taken its port meanwhile.
 * @throws when the API server is not ready within 180 s; the message has the end of its log.
 */
export async function startApiServer(options: Options = {}): Promise<ApiServer> {
  await linkPrograms();
  return start(options).catch((error: unknown) => {
    if (!(error instanceof ProgramEnded)) throw error;
    return start(options);
  });
}

class ProgramEnded extends Error {}

async function start({ controllerManager = false, etcdArgs = [] }: Options): Promise<ApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-apiserver-'));
  const at = (name: string) => join(directory, name);
  const [etcdPort, etcdPeerPort, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const token = randomBytes(16).toString('hex');
  await writeFile(at('tokens.csv'), `${token},admin,admin,system:masters\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(at('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));

  const running: { ended: PromiseLike<unknown>; kill: () => void }[] = [];
  const ended: string[] = [];
  const run = (program: string, args: string[]) => {
    const log = at(`${program}.log`);
    const child = execa(join(BIN, 'kube'), args, {
      argv0: program,
      cwd: directory,
      reject: false,
      buffer: false,
      stdin: 'ignore',
      stdout: { file: log },
      stderr: { file: `${log}.err` },
    });
    running.push({ ended: child.then(() => ended.push(program)), kill: () => child.kill('SIGKILL') });
  };
  const stop = async () => {
    for (const child of running.toReversed()) child.kill();
    await Promise.all(running.map(({ ended }) => ended));
    await rm(directory, { recursive: true, force: true });
  };

  const etcd = `http://127.0.0.1:${etcdPort}`;
  run('etcd', [...etcdFlags(etcd, etcdPeerPort), ...etcdArgs]);
  run('kube-apiserver', apiServerFlags(etcd, port, controllerManager));
  const url = `https://127.0.0.1:${port}`;
  try {
    await whenReady(url, token, at, ended);
    const ca = (await readFile(at('certificates/apiserver.crt'))).toString('base64');
    const kubeconfig = at('kubeconfig');
    await writeFile(kubeconfig, writeKubeconfig({ server: url, ca, insecureSkipTlsVerify: false, token }), {
      mode: 0o600,
    });
    if (controllerManager) {
      run('kube-controller-manager', controllerManagerFlags(kubeconfig));
    }
    return { kubeconfig, url, etcd: { url: etcd, folder: at('etcd') }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdFlags(etcd: string, peerPort: number): string[] {
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    '--data-dir=etcd',
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

const apiServerFlags = (etcd: string, port: number, controllerManager: boolean) => [
  `--etcd-servers=${etcd}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  '--endpoint-reconciler-type=none',
  '--cert-dir=certificates',
  '--token-auth-file=tokens.csv',
  '--authorization-mode=Node,RBAC',
  '--service-cluster-ip-range=10.96.0.0/16',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-account-key-file=accounts.key',
  '--service-account-signing-key-file=accounts.key',
  '--allow-privileged=true',
  // Without the controller manager nobody makes the accounts that this plugin looks for.
  ...(controllerManager ? [] : ['--disable-admission-plugins=ServiceAccount']),
];

const controllerManagerFlags = (kubeconfig: string) => [
  `--kubeconfig=${kubeconfig}`,
  '--service-account-private-key-file=accounts.key',
  '--use-service-account-credentials=true',
  '--leader-elect=false',
  '--bind-address=127.0.0.1',
  '--secure-port=0',
  '--controllers=*,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller',
];

async function whenReady(
  url: string,
  token: string,
  at: (name: string) => string,
  ended: readonly string[],
): Promise<void> {
  const endOfLog = async (program: string) =>
    (await readFile(at(`${program}.log.err`), 'utf8').catch(() => '')).slice(-2000);
  const { Agent, fetch } = await import('undici');
  // The certificate is made by the server itself while it starts; afterwards every client verifies it.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const headers = { authorization: `Bearer ${token}` };
  const end = Date.now() + 180_000;
  for (;;) {
    const signal = AbortSignal.timeout(10_000);
    const ready = await fetch(`${url}/readyz`, { dispatcher, signal, headers })
      .then((answer) => answer.ok)
      .catch(() => false);
    const [program] = ended;
    if (program) throw new ProgramEnded(`${program} has ended:\n${await endOfLog(program)}`);
    if (ready) break;
    if (Date.now() > end)
      throw new Error(`the API server is not ready within 180 s:\n${await endOfLog('kube-apiserver')}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
  await dispatcher.close();
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** kubectl, helm and kustomize are one program under three names. */
async function linkPrograms(): Promise<void> {
  await access(join(BIN, 'kube')).catch((cause: unknown) => {
    throw new Error('.local/bin/kube is not built; run: make test', { cause });
  });
  for (const name of ['kubectl', 'helm', 'kustomize']) {
    await symlink('tools', join(BIN, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

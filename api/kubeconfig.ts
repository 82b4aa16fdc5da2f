import { dump } from 'js-yaml';
import { z } from 'zod';
import { TerminalError } from './errors.ts';
import { isForbiddenTarget } from './ip-address.ts';
import { credentialsProblem } from './kubeconfig-tls.ts';
import { decodeText, isBase64, NotText } from './text.ts';
import { readYaml } from './yaml.ts';

/**
 * Only the entries of the current context are parsed. A schema for all entries would copy each one, and a short text with
 * thousands of aliases of one large entry would block the program for minutes.
 */
const entries = z.array(z.unknown()).min(1);
const kubeconfig = z.object({
  'current-context': z.string().min(1).max(1024),
  clusters: entries,
  contexts: entries,
  users: entries,
});

/** The safe part of a user's kubeconfig: an address and inline credentials, nothing that runs a command or reads a file. */
export type Target = {
  server: string;
  ca?: string | undefined;
  tlsServerName?: string | undefined;
  insecureSkipTlsVerify: boolean;
  cert?: string | undefined;
  key?: string | undefined;
  token?: string | undefined;
};

function refuse(message: string, cause?: unknown): never {
  throw new TerminalError('InvalidKubeconfig', message, { cause });
}

/**
 * Reads `spec.kubeconfig`.
 * @throws TerminalError `InvalidKubeconfig`: not base64, not YAML, not a kubeconfig, or with unsafe fields.
 */
export function decodeKubeconfig(base64: string): Target {
  const compact = base64.replaceAll(/\s/g, '');
  if (!isBase64(compact)) {
    refuse('kubeconfig is not base64; give the output of: base64 -w0 < kubeconfig');
  }
  return parseKubeconfig(textOf(Buffer.from(compact, 'base64')));
}

/** The message has nothing of the bytes, which may be a credential. */
function textOf(bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (cause) {
    if (!(cause instanceof NotText)) throw cause;
    return refuse(`kubeconfig is neither UTF-8 nor UTF-16 at line ${cause.line}; save it as UTF-8`);
  }
}

/**
 * Reads the text of a kubeconfig and keeps its current context's server, CA, certificate, key and token.
 * @throws TerminalError `InvalidKubeconfig`
 */
export function parseKubeconfig(text: string): Target {
  let tree: unknown;
  try {
    tree = readYaml(text);
  } catch (cause) {
    // The parser's message quotes the text, which may be a credential.
    refuse(
      'kubeconfig is not YAML; give a kubeconfig as kubectl config view --raw --minify prints it',
      cause,
    );
  }
  const parsed = kubeconfig.safeParse(tree);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    refuse(
      `kubeconfig is not a kubeconfig: ${issue?.path.join('.') || 'the document'} is missing or wrong; give one as kubectl config view --raw --minify prints it`,
    );
  }
  const config = parsed.data;
  const name = config['current-context'];
  const context = entryNamed(config.contexts, name, 'context');
  const cluster = entryNamed(config.clusters, context?.['cluster'], 'cluster');
  const user = entryNamed(config.users, context?.['user'], 'user');
  if (!context || !cluster || !user) {
    refuse(`kubeconfig's current-context "${name}" has no matching cluster and user`);
  }
  const target = { ...readCluster(cluster), ...readUser(user) };
  const problem = credentialsProblem(target);
  if (problem) refuse(`kubeconfig's ${problem}`);
  return target;
}

type Fields = Record<string, unknown>;

function entryNamed(list: readonly unknown[], name: unknown, key: string): Fields | undefined {
  const entry = list.find((entry) => isFields(entry) && entry['name'] === name) as Fields | undefined;
  return isFields(entry?.[key]) ? entry[key] : undefined;
}

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const CLUSTER_FIELDS = new Set([
  'server',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'extensions',
  'disable-compression',
]);
const USER_FIELDS = new Set(['client-certificate-data', 'client-key-data', 'token', 'extensions']);

function onlyKnown(fields: Fields, known: Set<string>, what: string): void {
  for (const key of Object.keys(fields)) {
    if (!known.has(key)) {
      refuse(
        `kubeconfig's ${what} has "${key.slice(0, 100)}", which is not accepted; only inline certificates, keys and tokens are (kubectl config view --raw --flatten --minify)`,
      );
    }
  }
}

function textField(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') refuse(`kubeconfig's ${key} is not text`);
  return value;
}

function readCluster(cluster: Fields) {
  onlyKnown(cluster, CLUSTER_FIELDS, 'cluster');
  const server = textField(cluster, 'server') ?? '';
  checkServer(server);
  const insecure = cluster['insecure-skip-tls-verify'];
  if (insecure !== undefined && insecure !== null && typeof insecure !== 'boolean') {
    refuse("kubeconfig's insecure-skip-tls-verify is neither true nor false, without quotes");
  }
  return {
    server,
    ca: textField(cluster, 'certificate-authority-data'),
    tlsServerName: textField(cluster, 'tls-server-name'),
    insecureSkipTlsVerify: insecure === true,
  };
}

function readUser(user: Fields) {
  onlyKnown(user, USER_FIELDS, 'user');
  const cert = textField(user, 'client-certificate-data');
  const key = textField(user, 'client-key-data');
  const token = textField(user, 'token');
  if (!cert && !token)
    refuse("kubeconfig's user has neither client-certificate-data and client-key-data nor a token");
  return { cert, key, token };
}

function checkServer(server: string): void {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    refuse(`kubeconfig's server must be an https:// address without credentials, like https://10.0.0.1:6443`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const local = host === 'localhost' || host.endsWith('.localhost');
  if (local || isForbiddenTarget(host)) {
    refuse(
      `kubeconfig's server ${host} is a loopback, link-local or unspecified address; use the address at which pods reach the cluster`,
    );
  }
}

/** Writes a kubeconfig with one context from what parseKubeconfig kept. */
export function writeKubeconfig(target: Target): string {
  const cluster = {
    server: target.server,
    'certificate-authority-data': target.ca,
    'tls-server-name': target.tlsServerName,
    'insecure-skip-tls-verify': target.insecureSkipTlsVerify || undefined,
  };
  const user = { 'client-certificate-data': target.cert, 'client-key-data': target.key, token: target.token };
  const defined = (fields: Fields) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'target', cluster: defined(cluster) }],
    contexts: [{ name: 'target', context: { cluster: 'target', user: 'pinion' } }],
    'current-context': 'target',
    users: [{ name: 'pinion', user: defined(user) }],
  });
}

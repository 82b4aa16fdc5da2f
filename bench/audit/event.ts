/** Part of an audit event (audit.k8s.io/v1, level Metadata) that the benchmarks read. */
export type AuditEvent = {
  auditID: string;
  verb: string;
  requestURI: string;
  user: { username: string };
  userAgent?: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string };
  requestReceivedTimestamp: string;
};

/** Programs that send requests, in the order of the tables. */
export const CLIENTS = [
  'executor',
  "executor's helm",
  "executor's kubectl",
  'operator',
  'webhook',
  'kubelet',
  'job controller',
  'garbage collector',
  'other controllers',
  'scheduler',
  'API server',
  'cluster add-ons',
  'bench',
  'others',
] as const;
export type Client = (typeof CLIENTS)[number];

/** One request: which program sent it, with the credentials of which cluster, and what it does to what. */
export type Request = {
  client: Client;
  /** `target`: sent with the kubeconfig of the plugin's cluster. Host and target may be the same API server. */
  side: 'host' | 'target';
  verb: string;
  resource: string;
};

/** User agent of the benchmarks' own requests. */
export const BENCH_AGENT = 'pinion-bench';

/**
 * Events of complete lines of an audit log, one for each request: a watch writes one when it begins and one when it
 * ends. Only requests received from `from` until `until` (milliseconds since 1970) count: what ends in the log may have begun
 * before. Lines that are not JSON are skipped, because a log can begin or end in the middle of one.
 */
export function parseEvents(text: string, from: number, until: number): AuditEvent[] {
  const events = new Map<string, AuditEvent>();
  for (const line of text.split('\n')) {
    const event = parseLine(line);
    if (event === undefined) continue;
    const received = Date.parse(event.requestReceivedTimestamp);
    if (received >= from && received <= until) events.set(event.auditID, event);
  }
  return [...events.values()];
}

function parseLine(line: string): AuditEvent | undefined {
  try {
    const event = JSON.parse(line) as AuditEvent;
    return event.auditID === undefined ? undefined : event;
  } catch {
    return undefined;
  }
}

const CONTROL_PLANE = /^system:(apiserver$|kube-|serviceaccount:kube-system:)/;

/** What is measured: the user of the target's kubeconfig, and the namespaces that an install works in. */
export type Scope = { targetUser: string; namespaces: readonly string[] };

/**
 * Whether a request has nothing to do with an install: heartbeats of nodes, leader election, watches that the control
 * plane renews every few minutes, and work in other namespaces. A Lease in the target is the executor's, and counts.
 */
export function isBackground({ user, verb, objectRef }: AuditEvent, scope: Scope): boolean {
  if (user.username === scope.targetUser) return false;
  if (verb === 'watch' && CONTROL_PLANE.test(user.username)) return true;
  const { resource, namespace } = objectRef ?? {};
  switch (resource) {
    case 'leases':
      return true;
    case 'nodes':
      return user.username.startsWith('system:node:') && verb !== 'watch';
    case 'namespaces': // its own namespace, in the log
      return false;
    default:
      return namespace !== undefined && !scope.namespaces.includes(namespace);
  }
}

/** What a request is counted as. */
export function classify(event: AuditEvent, targetUser: string): Request {
  const atTarget = event.user.username === targetUser;
  return {
    client: atTarget ? clientOfTarget(event.userAgent ?? '') : clientOfHost(event),
    side: atTarget ? 'target' : 'host',
    verb: event.verb,
    resource: resourceOf(event),
  };
}

/** Everything that uses the target's kubeconfig is Pinion's: only the user agent tells the programs apart. */
function clientOfTarget(userAgent: string): Client {
  if (userAgent.startsWith('pinion-executor')) return 'executor';
  if (/^helm/i.test(userAgent)) return "executor's helm";
  if (userAgent.startsWith('kubectl')) return "executor's kubectl";
  return userAgent.startsWith('pinion') ? 'operator' : 'others';
}

const HOST_USERS: readonly (readonly [RegExp, Client])[] = [
  [/^system:serviceaccount:pinion-system:pinion-operator$/, 'operator'],
  [/^system:serviceaccount:pinion-system:pinion-webhook$/, 'webhook'],
  [/^system:node:/, 'kubelet'],
  [/^system:serviceaccount:kube-system:job-controller$/, 'job controller'],
  [/^system:serviceaccount:kube-system:generic-garbage-collector$/, 'garbage collector'],
  [/^system:kube-scheduler$/, 'scheduler'],
  [/^system:apiserver$/, 'API server'],
  [/^system:kube-proxy$/, 'cluster add-ons'],
  [/^system:serviceaccount:kube-system:(coredns|local-path-provisioner|metrics-server)$/, 'cluster add-ons'],
  // With --use-service-account-credentials every controller has an account of its own in kube-system.
  [/^system:(kube-controller-manager$|serviceaccount:kube-system:)/, 'other controllers'],
];

function clientOfHost({ user, userAgent = '' }: AuditEvent): Client {
  const client = HOST_USERS.find(([pattern]) => pattern.test(user.username))?.[1];
  if (client !== undefined) return client;
  return userAgent.startsWith(BENCH_AGENT) || userAgent.startsWith('kubectl') ? 'bench' : 'others';
}

/** `pods/status`, `configmaps`, or the path of a request that is for no resource: `/openapi/v3`. */
function resourceOf({ objectRef, requestURI }: AuditEvent): string {
  if (objectRef?.resource === undefined) return requestURI.replace(/\?.*$/, '');
  return [objectRef.resource, objectRef.subresource].filter(Boolean).join('/');
}

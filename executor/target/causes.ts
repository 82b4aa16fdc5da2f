import type { ExitReason } from '#api/contract/report.ts';

/** Why something failed: the reason, which says whether a retry may help, and what a person can do. */
export type Cause = { reason: Exclude<ExitReason, 'Succeeded'>; remedy?: string | undefined };

type Row = [pattern: RegExp, reason: Cause['reason'], remedy?: string | ((found: RegExpExecArray) => string)];

const CORRECT = 'correct it in the plugin';
/** A field that was fixed when its object was made. */
export const IMMUTABLE =
  /field is immutable|may not be changed|may not change once set|updates to statefulset spec for fields other than|cannot change roleRef|spec is immutable after creation|is immutable (?:when|after|once)/;
const REPLACE =
  'it can never change: delete that object in the target and retry the plugin, which makes it anew';

/** Of these a Kubernetes version serves what it serves: nobody can add a kind to them. */
const BUILT_IN =
  /^(v1|(apps|batch|extensions|policy|autoscaling|(rbac\.authorization|networking|storage|admissionregistration|apiextensions|certificates|coordination|discovery|events|flowcontrol\.apiserver|node|scheduling|authentication|authorization)\.k8s\.io)\/v\S+)$/;

/** The cause of a kind that the target does not serve. */
export function unknownKind(kind: string, apiVersion: string): Cause {
  return BUILT_IN.test(apiVersion)
    ? {
        reason: 'ApplyRejected',
        remedy: `this Kubernetes does not serve ${kind} of ${apiVersion}: use the apiVersion that it serves (kubectl api-resources), or a version of the plugin that does`,
      }
    : {
        reason: 'ApplyFailed',
        remedy: `first install the plugin that provides the CustomResourceDefinition of ${kind} (name it in dependsOn)`,
      };
}

/**
 * What an API server answers, by its words: they are the same whoever asked, so a chart and a manifest with the same mistake
 * end in the same way. The first row that fits wins; those of what passes come first.
 */
const ROWS: readonly Row[] = [
  [
    /etcdserver: request is too large|Request entity too large|Too long: may not be more than/,
    'ApplyRejected',
    'make it smaller: an object may have about 1 MiB',
  ],
  [
    /database space exceeded/,
    'ApplyRejected',
    "the target's etcd is full: compact and defragment it, or enlarge its quota",
  ],
  [
    /failed calling webhook "([^"]*)"/,
    'ApplyFailed',
    ([, name]) => `the target's webhook ${name} does not answer: look at the pods behind it`,
  ],
  [
    /because it is being terminated|object is being deleted/,
    'ApplyFailed',
    'it is still being deleted: wait for its end, or look at its finalizers',
  ],
  [/error looking up service account|service ?account "?[^"]*"? not found/, 'ApplyFailed'],
  [
    /attempting to grant RBAC permissions not currently held/,
    'ApplyRejected',
    "the kubeconfig's user can grant only rights that it has: give it those, or cluster-admin",
  ],
  [
    /User "([^"]*)" cannot (\w+) resource "([^"]*)"/,
    'ApplyRejected',
    ([, user, verb, resource]) => `give user ${user} of the kubeconfig the right to ${verb} ${resource}`,
  ],
  [
    /exceeded quota: ([^\s,]+)/,
    'ApplyRejected',
    ([, name]) => `make room in the target's ResourceQuota ${name} and retry the plugin`,
  ],
  [
    /violates PodSecurity "([^":]*)/,
    'ApplyRejected',
    ([, level]) =>
      `the target's namespace enforces the Pod Security level ${level}: meet it, or label the namespace otherwise`,
  ],
  [
    /denied the request|denied request:/,
    'ApplyRejected',
    "a policy of the target refused it: meet it, or ask the target's administrator",
  ],
  [
    /must be logged in|\bUnauthorized\b|asked for the client to provide credentials/,
    'TargetUnauthorized',
    'provide a kubeconfig with valid credentials',
  ],
  [/field not declared in schema|unknown field "/, 'ApplyRejected', `the kind has no such field: ${CORRECT}`],
  [/duplicate entries for key|duplicate field "/, 'ApplyRejected', `it is there twice: ${CORRECT}`],
  [IMMUTABLE, 'ApplyRejected', REPLACE],
  [/no matches for kind "([^"]*)" in version "([^"]*)"/, 'ApplyFailed'],
  [
    /namespaces "([^"]*)" not found/,
    'ApplyFailed',
    ([, name]) => `create the namespace ${name}, or add it to the plugin`,
  ],
  [
    /Apply failed with \d+ conflict/,
    'ApplyRejected',
    'something else has set these fields: remove it there, or here',
  ],
  [/object has been modified|StorageError|please apply your changes to the latest version/, 'ApplyFailed'],
  [
    /is invalid: |Invalid value|Required value|Unsupported value|Duplicate value|: Forbidden: |is forbidden|forbidden:/i,
    'ApplyRejected',
    CORRECT,
  ],
  [
    /expected (?:string|map|list|numeric|boolean|float|int)[^,]*, got |cannot unmarshal|cannot be handled as a |must be of type|unable to parse quantity|quantities must match|does not match the expected|error decoding|Object 'Kind' is missing/,
    'ApplyRejected',
    CORRECT,
  ],
  [
    /etcdserver:|too many requests|currently unable to handle the request|request did not complete within|the server could not find the requested resource|no endpoints available|stale GroupVersion|unable to retrieve the complete list|failed to get API group resources|Internal error occurred/i,
    'ApplyFailed',
  ],
  [/already exists/, 'ApplyRejected', 'delete what is there, or choose another name'],
  [
    /connection refused|no such host|no route to host|network is unreachable|i\/o timeout|TLS handshake timeout|x509:|tls: |cluster unreachable/i,
    'TargetUnreachable',
    "check the kubeconfig's address and CA, and the network from the host's pods to it",
  ],
  [/connection reset by peer|unexpected EOF|http2: |client connection lost/, 'ApplyFailed'],
];

/** The cause that an API server's words tell; undefined when none is known. */
export function causeOf(words: string): Cause | undefined {
  for (const [pattern, reason, remedy] of ROWS) {
    const found = pattern.exec(words);
    if (!found) continue;
    const [, kind = '', apiVersion = ''] = found;
    if (pattern.source.startsWith('no matches')) return unknownKind(kind, apiVersion);
    return { reason, remedy: typeof remedy === 'function' ? remedy(found) : remedy };
  }
  return undefined;
}

import { randomInt } from 'node:crypto';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { type Secret, secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';
import type { Tenant } from '#operator/access/tenant.ts';

/** The token of a node that has not joined by then is renewed, as long as the node is wanted. */
const TOKEN_LIFE_MS = 20 * 60_000;
const RENEW_BELOW_MS = 5 * 60_000;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const randomText = (length: number) =>
  Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** A new bootstrap token, for one join of one node. */
export const newBootstrapToken = (): string => `${randomText(6)}.${randomText(16)}`;

const tokenName = (token: string) => ({
  namespace: 'kube-system',
  name: `bootstrap-token-${token.slice(0, token.indexOf('.'))}`,
});

/** Makes the token valid for a while. Call it again until the node has joined. @throws ApiError */
export async function admitToken(
  tenant: KubeClient,
  token: string,
  nodeName: string,
  now: number,
): Promise<void> {
  const name = tokenName(token);
  const expiration = { expiration: new Date(now + TOKEN_LIFE_MS).toISOString().replace(/\.\d+Z$/, 'Z') };
  const existing = await ignoreNotFound(tenant.get(secrets, name));
  if (existing) {
    const left = Date.parse(textsIn(existing)['expiration'] ?? '') - now;
    if (!(left > RENEW_BELOW_MS)) await tenant.patch(secrets, name, { data: dataOf(expiration) });
    return;
  }
  const secret: Pick<Secret, 'type' | 'data'> = {
    type: 'bootstrap.kubernetes.io/token',
    data: dataOf({
      'token-id': token.slice(0, 6),
      'token-secret': token.slice(7),
      description: `joins node ${nodeName}`,
      'usage-bootstrap-authentication': 'true',
      ...expiration,
    }),
  };
  await ignoreAlreadyExists(tenant.create(secrets, { ...secret, metadata: name }));
}

/** Deletes the token, once its node has joined or is not wanted any more. @throws ApiError */
export async function revokeToken(tenant: KubeClient, token: string): Promise<void> {
  await ignoreNotFound(tenant.delete(secrets, tokenName(token)));
}

/** What a node must know to join this tenant. `capacity`: only for a node that is smaller than its machine. */
export function joinOrderFor({
  cluster,
  tenant,
  nodeName,
  kind,
  token,
  pauseImage,
  insecureRegistries,
  capacity,
}: {
  cluster: VirtualCluster;
  tenant: Pick<Tenant, 'apiServer' | 'caBundle' | 'network'>;
  nodeName: string;
  kind: NonNullable<NodeStatus['kind']>;
  token: string;
  pauseImage: string;
  insecureRegistries: readonly string[];
  capacity?: JoinOrder['capacity'];
}): JoinOrder {
  const { host, port } = tenant.apiServer;
  const { podRange, serviceRange, dnsAddress, clusterDomain } = tenant.network;
  return {
    nodeName,
    nodeUid: cluster.metadata.uid,
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    authority: tenant.caBundle,
    bootstrapToken: token,
    clusterDomain,
    dnsAddress,
    podRange,
    serviceRange,
    pauseImage,
    insecureRegistries: [...insecureRegistries],
    labels: { [LABEL.nodeKind]: kind },
    ...(capacity ? { capacity } : {}),
  };
}

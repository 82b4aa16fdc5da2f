import type { Target } from '#api/kubeconfig.ts';
import type { KubeClient } from '#kube/client.ts';

export type Endpoint = { host: string; port: number };

/** A managed cluster whose control plane answers. */
export type Tenant = {
  /** Admin access through the host's Service, for executors and the operator. */
  target: Target;
  /** The operator's shared client of the managed cluster; do not close it. */
  client: KubeClient;
  /** Where nodes and pods of the managed cluster reach its API server; works from any host node and host pod. */
  apiServer: Endpoint;
  /** Where konnectivity agents reach their server; works from the same places. */
  konnectivity: Endpoint;
  /** CA certificates of the API server and of konnectivity, PEM. */
  authority: string;
  network: { podRange: string; serviceRange: string; dnsAddress: string; clusterDomain: string };
};

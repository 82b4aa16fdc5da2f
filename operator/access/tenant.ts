import type { Target } from '#api/kubeconfig.ts';
import type { KubeClient } from '#kube/client.ts';

export type Endpoint = { host: string; port: number };

/** A managed cluster whose control plane answers. */
export type Tenant = {
  /** Admin access through the host's Service: for executors and for the operator itself. */
  target: Target;
  /** The operator's own client of the tenant. It is shared: don't close it. */
  client: KubeClient;
  /** Where nodes and pods of the tenant reach the API server, on any host node and in any host pod. */
  apiServer: Endpoint;
  /** Where konnectivity agents reach their server, likewise. */
  konnectivity: Endpoint;
  /** CA certificates of the API server and of konnectivity, PEM. */
  caBundle: string;
  network: { podRange: string; serviceRange: string; dnsAddress: string; clusterDomain: string };
};

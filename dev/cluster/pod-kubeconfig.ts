import ipaddr from 'ipaddr.js';
import { dump, load } from 'js-yaml';

type Kubeconfig = { clusters: { cluster: { server: string } }[] };

/**
 * A kubeconfig as a pod of the same cluster can use it: where the server is a loopback address (kind, minikube, a
 * tunnel) the cluster's own name for its API server takes its place.
 */
export function podKubeconfig(text: string): string {
  const config = load(text) as Kubeconfig;
  for (const { cluster } of config.clusters) {
    const host = new URL(cluster.server).hostname.replace(/^\[|\]$/g, '');
    const loopback = ipaddr.isValid(host)
      ? ipaddr.process(host).range() === 'loopback'
      : host === 'localhost';
    if (loopback) cluster.server = 'https://kubernetes.default.svc';
  }
  return dump(config);
}

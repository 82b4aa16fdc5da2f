import { foldersIn } from '../bring-up/machine.ts';

/** All that Pinion has on a host machine, besides its units. `root` is where the machine's own root is seen. */
export const layoutIn = (root: string) => {
  const home = `${root}/var/lib/pinion`;
  return {
    home,
    /** One folder for each version of the agent and its programs. */
    versions: `${home}/versions`,
    state: `${home}/state.json`,
    /** While it is there the machine belongs to a tenant, and the host's units do not start. */
    promoted: `${home}/promoted`,
    certificate: `${home}/agent/tls.crt`,
    key: `${home}/agent/tls.key`,
    authority: `${home}/agent/operator-ca.crt`,
    units: `${root}/etc/systemd/system`,
  };
};

export const layout = layoutIn('');

/** Everything of the tenant is below it; returning the machine is to remove it. */
export const tenantRoot = `${layout.home}/tenant`;
export const tenantFolders = foldersIn(tenantRoot);
export const podLogs = `${tenantRoot}/var/log/pods`;
/** The tenant's control group, in every hierarchy. */
export const CGROUP = '/pinion-node';

export const AGENT_UNIT = 'pinion-node-agent.service';
/** The order in which the tenant's programs are stopped. */
export const TENANT_SERVICES = ['kubelet', 'kube-proxy', 'flanneld', 'containerd'] as const;
export const tenantUnit = (service: string): string => `pinion-${service}.service`;

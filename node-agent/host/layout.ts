import { foldersIn } from '../bring-up/machine.ts';

/** Paths of Pinion's files on a host machine. `root`: the path at which the machine's root is visible. */
export const layoutIn = (root: string) => {
  const home = `${root}/var/lib/pinion`;
  return {
    home,
    /** One folder for each version of the agent and its programs. */
    versions: `${home}/versions`,
    state: `${home}/state.json`,
    /** While this file exists the machine belongs to a tenant, and the host's units don't start. */
    promoted: `${home}/promoted`,
    certificate: `${home}/agent/tls.crt`,
    key: `${home}/agent/tls.key`,
    authority: `${home}/agent/operator-ca.crt`,
    units: `${root}/etc/systemd/system`,
  };
};

export const layout = layoutIn('');

/** Holds all of the tenant's files; leaving removes it. */
export const tenantRoot = `${layout.home}/tenant`;
export const tenantFolders = foldersIn(tenantRoot);
export const podLogs = `${tenantRoot}/var/log/pods`;
/** The tenant's control group, in every hierarchy. */
export const CGROUP = '/pinion-node';

export const AGENT_UNIT = 'pinion-node-agent.service';
/** The tenant's programs, in the order in which they are stopped. */
export const TENANT_SERVICES = ['kubelet', 'kube-proxy', 'flanneld', 'containerd'] as const;
export const tenantUnit = (service: string): string => `pinion-${service}.service`;

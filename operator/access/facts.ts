import type { ComponentImages } from '#operator/host/component-images.ts';
import type { Tenant } from './tenant.ts';

/**
 * What charts know about a managed cluster, as the value `global.pinion`. It is part of a plugin's digest, so every
 * change reinstalls plugins: only facts that last belong here.
 */
export type Facts = {
  /** Set when the cluster is created and never changed. */
  network: Tenant['network'];
  /** Changes with Pinion's version or when the endpoint moves: only for the plugins that ship with Pinion. */
  catalogue: { konnectivity: Tenant['konnectivity']; images: Record<PluginImage, string> };
};

type PluginImage = 'coredns' | 'konnectivityAgent' | 'metricsServer' | 'nodeLocalDns';

/** The facts of a managed cluster. Certificates are not among them: they are renewed, and pods get the CA with their service account. */
export const factsOf = ({ network, konnectivity }: Tenant, images: ComponentImages): Facts => ({
  network,
  catalogue: {
    konnectivity,
    images: {
      coredns: images.coredns,
      konnectivityAgent: images['konnectivity-agent'],
      metricsServer: images['metrics-server'],
      nodeLocalDns: images['node-local-dns'],
    },
  },
});

/** The value `global.pinion` of a plugin's chart: `isShipped` when the plugin is one of the catalogue. */
export const factValues = ({ network, catalogue }: Facts, isShipped: boolean): Record<string, unknown> => ({
  ...network,
  ...(isShipped && catalogue),
});

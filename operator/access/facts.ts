import type { ComponentImages } from '#operator/host/component-images.ts';
import type { Tenant } from './tenant.ts';

/**
 * Facts of a managed cluster that charts get as the value `global.pinion`. They are part of a plugin's digest, so every
 * change reinstalls plugins: only lasting facts belong here.
 */
export type Facts = {
  /** Fixed when the control plane is created. */
  network: Tenant['network'];
  /** Changes with Pinion's version, or when the endpoint moves: only for plugins that ship with Pinion. */
  catalogue: { konnectivity: Tenant['konnectivity']; images: Record<PluginImage, string> };
};

type PluginImage = 'coredns' | 'konnectivityAgent' | 'metricsServer' | 'nodeLocalDns';

/** The facts of a tenant. Certificates are not among them: they are renewed, and pods get theirs by service account. */
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

/** The value `global.pinion` of a plugin's chart. `isShipped`: the plugin ships with Pinion's catalogue. */
export const factValues = ({ network, catalogue }: Facts, isShipped: boolean): Record<string, unknown> => ({
  ...network,
  ...(isShipped && catalogue),
});

import type { ComponentImages } from '#operator/host/component-images.ts';
import type { Tenant } from './tenant.ts';

/**
 * What charts are told of a cluster that Pinion made, as the value `global.pinion`. It is part of a plugin's
 * digest, so every change of it installs plugins anew: here belongs only what lasts.
 */
export type Facts = {
  /** Settled when the cluster is made, and never changed. */
  network: Tenant['network'];
  /** Changes with Pinion's own version, or when the entry moves: for the plugins that ship with Pinion only. */
  catalogue: { konnectivity: Tenant['konnectivity']; images: Record<PluginImage, string> };
};

type PluginImage = 'coredns' | 'konnectivityAgent' | 'metricsServer' | 'nodeLocalDns';

/** The facts of a tenant. Certificates are none: they are renewed, and pods have those of their service account. */
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

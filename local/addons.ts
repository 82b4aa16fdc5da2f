import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dnsAddress } from './addresses.ts';
import { baseImage } from './base-images.ts';
import { hashOf } from './builds.ts';
import { LocalError } from './errors.ts';
import { applyText, kubectl } from './kubectl.ts';
import { clone } from './layout.ts';
import type { Cluster } from './state.ts';

/** Fills `${NAME}` in a text; an unknown name is an error. */
export function fill(template: string, values: Record<string, string>): string {
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new LocalError('UnknownName', `the manifest uses \${${name}}, which has no value`);
    return value;
  });
}

const manifestPath = (name: string) => join(clone, 'local', 'manifests', name);

/** A manifest of local/manifests with its values filled in. */
export async function manifest(name: string, values: Record<string, string>): Promise<string> {
  return fill(await readFile(manifestPath(name), 'utf8'), values);
}

/** Roles, cluster DNS and the default StorageClass. `tags` are the images that this cluster uses. */
export async function applyAddons(cluster: Cluster, tags: string[]): Promise<void> {
  const image = (name: string) => `${cluster.registry}/${tags.find((tag) => tag.startsWith(`${name}:`))}`;
  await applyText(
    await manifest('addons.yaml', {
      DNS_ADDRESS: dnsAddress,
      SETTINGS: await hashOf([manifestPath('addons.yaml')]), // new settings restart their program
      COREDNS: image('pinion/coredns'),
      PROVISIONER: image('pinion/local-path-provisioner'),
      BASE: `${cluster.registry}/${baseImage}`,
    }),
  );
  await kubectl('label', 'nodes', 'control-plane', 'node-role.kubernetes.io/control-plane=', '--overwrite');
  // Only the nodes that exist: one machine may be a tenant's.
  const others = '--selector=!node-role.kubernetes.io/control-plane';
  await kubectl('label', 'nodes', others, 'node-role.kubernetes.io/worker=', '--overwrite');
}

/** Waits until the add-ons run. */
export async function awaitAddons(): Promise<void> {
  await kubectl('rollout', 'status', '--namespace=kube-system', 'deployment/coredns', '--timeout=120s');
  await kubectl(
    'rollout',
    'status',
    '--namespace=kube-system',
    'deployment/local-path-provisioner',
    '--timeout=120s',
  );
}

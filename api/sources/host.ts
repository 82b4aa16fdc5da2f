import { posix } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { invalidSource, refuseParent, type SourceRow } from './source-row.ts';

/** `path` is the file in `directory`; '' is the directory itself. */
export type HostLocation = {
  kind: 'host';
  directory: string;
  path: string;
  nodeName?: string | undefined;
};

export const hostPath = z
  .union([z.string().min(1), z.object({ path: z.string().min(1), nodeName: z.string().min(1).optional() })])
  .optional()
  .meta({ typeless: true })
  .describe(
    'A path on a node: a string, or an object {path, nodeName}. Paths outside the prefixes of --allow-host-path are rejected.',
  );

type HostPath = NonNullable<z.infer<typeof hostPath>>;

export const host: SourceRow<HostLocation, { hostPath?: HostPath | undefined }> = {
  field: 'hostPath',
  options: [],
  locate: ({ hostPath: written = '' }, field, settings) => locateHost(written, `${field}.hostPath`, settings),
  references: ({ nodeName }, field) =>
    nodeName ? [{ kind: 'Node', field: `${field}.hostPath.nodeName`, name: nodeName }] : [],
  warnings: ({ nodeName, directory }, field) =>
    nodeName
      ? []
      : [
          `${field}.hostPath has no nodeName, so every node that may run the Job needs ${directory}; give {path, nodeName}, or use pvPath or uri`,
        ],
  delivery: {
    by: 'volume',
    // A wrong path must fail: without a type the kubelet would create an empty directory.
    volume: ({ directory }) => ({ hostPath: { path: directory, type: 'Directory' } }),
    isShared: false,
  },
};

/** Names that are files; any other path is a directory. */
const FILE = /\.(ya?ml|json|tgz|tar|gz)$/;
const NODE_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function locateHost(written: HostPath, field: string, settings: Settings): HostLocation {
  const { path, nodeName } = typeof written === 'string' ? { path: written } : written;
  refuseParent(path, field);
  if (nodeName !== undefined && !NODE_NAME.test(nodeName)) {
    throw invalidSource(
      `${field}.nodeName "${nodeName}" is not a valid name of a node; kubectl get nodes lists them`,
    );
  }
  const canonical = posix.normalize(path).replace(/(?<=.)\/$/, '');
  if (!canonical.startsWith('/')) {
    throw invalidSource(`${field} "${path}" must be absolute, like /opt/plugins/web`);
  }
  // A file is mounted with its directory, so the directory must be allowed.
  const isFile = FILE.test(canonical);
  const directory = isFile ? posix.dirname(canonical) : canonical;
  if (!isAllowed(directory, settings)) {
    const list = settings.allowHostPaths.join(', ') || 'none';
    const what = isFile ? `is mounted with its directory ${directory}, which is` : 'is';
    throw new TerminalError(
      'HostPathNotAllowed',
      `${field} "${path}" ${what} not under an allowed host directory (allowed: ${list}); use pvPath or uri, or ask the administrator to allow ${directory} with --allow-host-path`,
    );
  }
  return { kind: 'host', directory, path: isFile ? posix.basename(canonical) : '', nodeName };
}

const isAllowed = (directory: string, { allowHostPaths }: Settings): boolean =>
  allowHostPaths.some((prefix) => {
    const root = posix.normalize(prefix).replace(/(?<=.)\/$/, '');
    return root !== '/' && (directory === root || directory.startsWith(`${root}/`));
  });

import { posix } from 'node:path';
import { TerminalError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { Location } from './location.ts';
import type { Source } from './source.ts';

/** What is a file by its name; anything else is taken for a directory. */
const FILE = /\.(ya?ml|json|tgz|tar|gz)$/;

/** Where one source is. @throws TerminalError */
export function locate(source: Source, field: string, settings: Settings): Location {
  const given = [source.pvPath, source.hostPath, source.uri].filter((one) => one !== undefined).length;
  if (given !== 1) {
    throw new TerminalError(
      'InvalidSource',
      `${field} must have exactly one of pvPath, hostPath and uri, found ${given === 0 ? 'none' : given}; like ${field}: {pvPath: "my-claim:/pv/web"}`,
    );
  }
  if (source.pvPath !== undefined) return locateClaim(source.pvPath, `${field}.pvPath`, settings);
  if (source.hostPath !== undefined) return locateHost(source.hostPath, `${field}.hostPath`, settings);
  if (source.uri?.startsWith('file:')) return locateShipped(source.uri, `${field}.uri`);
  requireSecure(source.uri ?? '', `${field}.uri`, settings);
  return {
    kind: 'uri',
    uri: source.uri ?? '',
    sha256: source.sha256,
    secret: source.secretRef?.name,
    path: '',
  };
}

function refuseParent(path: string, field: string, shown = path): void {
  if (path.split('/').includes('..')) {
    throw new TerminalError(
      'InvalidSource',
      `${field} "${shown}" must not contain ".."; give the path as it is after ".." is resolved`,
    );
  }
}

/** A package of the executor's image, `file:///catalogue/NAME`. Whose plugin may have one is not decided here. */
function locateShipped(uri: string, field: string): Location {
  const [, name] = /^file:\/\/\/catalogue\/([a-z0-9][-a-z0-9]*)$/.exec(uri) ?? [];
  if (name !== undefined) return { kind: 'catalogue', path: name };
  throw new TerminalError(
    'InvalidSource',
    `${field} "${uri}" must be file:///catalogue/NAME: no other file is a source; use pvPath, hostPath or an https:// address`,
  );
}

/** `claim:/pv/charts/a` and `claim:charts/a` are both charts/a in the volume: see docs/virtualclusterplugin.md. */
function locateClaim(pvPath: string, field: string, settings: Settings): Location {
  const [, named, rest = ''] = /^(?:([^:/]+):)?(.*)$/s.exec(pvPath) ?? [];
  refuseParent(rest, field);
  const claim = named ?? settings.pluginStoreClaim;
  if (claim === undefined) {
    throw new TerminalError(
      'InvalidSource',
      `${field} "${pvPath}" names no claim and the operator has no --plugin-store-claim; write claim:/path, like plugin-store:/pv/web`,
    );
  }
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(claim)) {
    throw new TerminalError('InvalidSource', `${field} "${pvPath}": "${claim}" can't be the name of a claim`);
  }
  const segments = rest.split('/').filter((segment) => segment !== '' && segment !== '.');
  const inVolume = rest.startsWith('/') ? segments.slice(1) : segments;
  return { kind: 'claim', claim, path: inVolume.join('/') };
}

function locateHost(hostPath: NonNullable<Source['hostPath']>, field: string, settings: Settings): Location {
  const { path, nodeName } = typeof hostPath === 'string' ? { path: hostPath } : hostPath;
  refuseParent(path, field);
  const canonical = posix.normalize(path).replace(/(?<=.)\/$/, '');
  if (!canonical.startsWith('/')) {
    throw new TerminalError('InvalidSource', `${field} "${path}" must be absolute, like /opt/plugins/web`);
  }
  // A file is mounted with its directory, so that is what has to be allowed.
  const isFile = FILE.test(canonical);
  const directory = isFile ? posix.dirname(canonical) : canonical;
  if (!isAllowed(directory, settings)) {
    const list = settings.allowHostPaths.join(', ');
    const what = isFile ? `is mounted with its directory ${directory}, which is` : 'is';
    throw new TerminalError(
      'HostPathNotAllowed',
      `${field} "${path}" ${what} not under a host directory that the administrator allows (${list || 'none are'}); use pvPath or uri, or ask for ${directory} to be allowed with --allow-host-path`,
    );
  }
  return { kind: 'host', directory, path: isFile ? posix.basename(canonical) : '', nodeName };
}

const isAllowed = (directory: string, { allowHostPaths }: Settings): boolean =>
  allowHostPaths.some((prefix) => {
    const root = posix.normalize(prefix).replace(/(?<=.)\/$/, '');
    return root !== '/' && (directory === root || directory.startsWith(`${root}/`));
  });

/** Refuses what is neither https:// nor oci://, or carries credentials. @throws TerminalError */
export function requireSecure(uri: string, field: string, settings: Settings): void {
  if (!URL.canParse(uri) || !/^(https?|oci):$/.test(new URL(uri).protocol)) {
    throw new TerminalError(
      'InvalidSource',
      `${field} "${uri}" must be an https:// or oci:// address, like https://charts.example.com/web-1.2.0.tgz`,
    );
  }
  const { protocol, username, password } = new URL(uri);
  if (username !== '' || password !== '') {
    throw new TerminalError(
      'InvalidSource',
      `${field} carries credentials; put them in a Secret and name it in secretRef`,
    );
  }
  const decoded = uri.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/');
  refuseParent(decoded.replace(/^[a-z]+:\/\//, '').replace(/[?#].*$/s, ''), field, uri);
  if (protocol === 'http:' && !settings.sourceSecureLoose) {
    throw new TerminalError(
      'InsecureSource',
      `${field} "${uri}" is http://; use https://, or ask the administrator for --source-secure-loose`,
    );
  }
}

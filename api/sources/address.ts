import { TerminalError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { invalidSource, refuseParent } from './source-row.ts';

/** What an address must be, for messages. */
export const ADDRESS_FORM = 'an https:// or oci:// address, like https://charts.example.com/web-1.2.0.tgz';

/**
 * Refuses an address that is not https:// or oci://, or that carries credentials.
 * @throws TerminalError `InvalidSource`, `InsecureSource`; the message never repeats the credentials.
 */
export function requireSecure(address: string, field: string, settings: Settings): void {
  if (!URL.canParse(address) || !/^(https?|oci):$/.test(new URL(address).protocol)) {
    throw invalidSource(`${field} "${address}" must be ${ADDRESS_FORM}`);
  }
  const { protocol, username, password } = new URL(address);
  if (username !== '' || password !== '') {
    throw invalidSource(`${field} carries credentials; put them in a Secret and name it in secretRef`);
  }
  const decoded = address.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/');
  refuseParent(decoded.replace(/^[a-z]+:\/\//, '').replace(/[?#].*$/s, ''), field, address);
  if (protocol === 'http:' && !settings.sourceSecureLoose) {
    throw new TerminalError(
      'InsecureSource',
      `${field} "${address}" is http://; use https://, or ask the administrator to run the operator with --source-secure-loose`,
    );
  }
}

/** The warning about an address whose traffic can be tampered with. */
export const insecureWarnings = (address: string, field: string): string[] =>
  address.startsWith('http:')
    ? [`${field} is http://: anyone who controls the network can change what is installed; use https://`]
    : [];

/** What the administrator decides for the whole installation; the same flags for operator and webhook. */
export type Settings = {
  /** The claim that a pvPath without one means. */
  pluginStoreClaim?: string | undefined;
  /** Prefixes of host directories that sources may use. Empty: none. */
  allowHostPaths: string[];
  /** Private address ranges that sources may be fetched from, besides all public ones. */
  allowSourceCidrs: string[];
  /** Accept http:// and unverified TLS for sources. */
  sourceSecureLoose: boolean;
};

/** Definitions for `node:util` parseArgs; spread them into a program's own options. */
export const settingsFlags = {
  'plugin-store-claim': { type: 'string' },
  'allow-host-path': { type: 'string', multiple: true },
  'allow-source-cidrs': { type: 'string', multiple: true },
  'source-secure-loose': { type: 'boolean' },
} as const;

/** Reads parsed flags; lists may be repeated or separated by commas. */
export function readSettings(flags: {
  'plugin-store-claim'?: string | undefined;
  'allow-host-path'?: string[] | undefined;
  'allow-source-cidrs'?: string[] | undefined;
  'source-secure-loose'?: boolean | undefined;
}): Settings {
  const list = (given: string[] | undefined) =>
    (given ?? [])
      .flatMap((entry) => entry.split(','))
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  return {
    pluginStoreClaim: flags['plugin-store-claim'] || undefined,
    allowHostPaths: list(flags['allow-host-path']),
    allowSourceCidrs: list(flags['allow-source-cidrs']),
    sourceSecureLoose: flags['source-secure-loose'] ?? false,
  };
}

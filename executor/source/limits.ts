const MIB = 1024 * 1024;

/** What a source may be at most: more is taken for a mistake or a bomb. */
export const LIMIT = {
  /** An index.yaml, a list of tags, a manifest. */
  index: 50 * MIB,
  /** An index.yaml that is neither JSON nor written as `helm repo index` does: a tree takes many times its text. */
  indexTree: 10 * MIB,
  chart: 10 * MIB,
  file: 5 * MIB,
  /** All manifests of a plugin. */
  manifests: 32 * MIB,
  /** Characters that aliases add to a file of manifests. */
  aliases: 20 * MIB,
  /** Characters of the objects of all manifests of a plugin. */
  objects: 256 * MIB,
  unpacked: 100 * MIB,
  entries: 10_000,
  /** Unpacked bytes for each packed one. */
  ratio: 100,
} as const;

/** Rounded up to a tenth, so that what is over a limit also looks like it. */
export const mebibytes = (bytes: number) => `${Math.ceil((bytes / MIB) * 10) / 10} MiB`;

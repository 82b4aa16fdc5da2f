/** Mount points below a folder, from the text of /proc/self/mountinfo; the last one mounted comes first. */
export const mountsBelow = (folder: string, mountinfo: string): string[] =>
  mountsIn(mountinfo)
    .map(({ point }) => point)
    .filter((point) => point.startsWith(`${folder}/`));

/** The kubelet recreates these for each container. One that is a file of a Secret keeps the whole Secret in memory. */
const SUBPATH = /\/pods\/[^/]+\/volume-subpaths\//;
const SECRET = /\/pods\/[^/]+\/volumes\/kubernetes\.io~(secret|projected)\//;
/** CSI drivers that provide secrets keep them in memory. */
const CSI = /\/pods\/[^/]+\/volumes\/kubernetes\.io~csi\//;

/** Mount points of Secrets and service account tokens in pods; the last one mounted comes first. */
export const secretMounts = (mountinfo: string): string[] =>
  mountsIn(mountinfo)
    .filter(
      ({ point, type }) => SUBPATH.test(point) || SECRET.test(point) || (CSI.test(point) && type === 'tmpfs'),
    )
    .map(({ point }) => point);

/** The number of optional fields before the type varies; a hyphen ends them. */
const mountsIn = (mountinfo: string) =>
  mountinfo
    .split('\n')
    .map((line) => ({
      point: unescaped(line.split(' ')[4] ?? ''),
      type: / - (\S+) /.exec(line)?.[1],
    }))
    .reverse();

/** The kernel escapes spaces and similar characters as octal numbers. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Mount points below a folder, of what /proc/self/mountinfo says: the last one mounted first. */
export const mountsBelow = (folder: string, mountinfo: string): string[] =>
  mountsIn(mountinfo)
    .map(({ point }) => point)
    .filter((point) => point.startsWith(`${folder}/`));

/** What a kubelet makes anew for each container; a Secret's file among them keeps the whole Secret in memory. */
const SUBPATH = /\/pods\/[^/]+\/volume-subpaths\//;
const SECRET = /\/pods\/[^/]+\/volumes\/kubernetes\.io~(secret|projected)\//;
/** Drivers that bring secrets keep them in memory. */
const CSI = /\/pods\/[^/]+\/volumes\/kubernetes\.io~csi\//;

/** Where a kubelet has mounted Secrets and service account tokens into pods: the last one mounted first. */
export const secretMounts = (mountinfo: string): string[] =>
  mountsIn(mountinfo)
    .filter(
      ({ point, type }) => SUBPATH.test(point) || SECRET.test(point) || (CSI.test(point) && type === 'tmpfs'),
    )
    .map(({ point }) => point);

/** The optional fields before the type vary in number, and end with a hyphen. */
const mountsIn = (mountinfo: string) =>
  mountinfo
    .split('\n')
    .map((line) => ({
      point: unescaped(line.split(' ')[4] ?? ''),
      type: / - (\S+) /.exec(line)?.[1],
    }))
    .reverse();

/** The kernel writes spaces and the like as octal numbers. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

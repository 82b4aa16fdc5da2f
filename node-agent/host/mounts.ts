/** Mount points below a folder, of what /proc/self/mountinfo says: the last one mounted first. */
export const mountsBelow = (folder: string, mountinfo: string): string[] =>
  mountPoints(mountinfo).filter((point) => point.startsWith(`${folder}/`));

/** Where a kubelet has mounted Secrets and service account tokens into pods. */
export const secretMounts = (mountinfo: string): string[] =>
  mountPoints(mountinfo).filter((point) =>
    /\/pods\/[^/]+\/volumes\/kubernetes\.io~(secret|projected)\//.test(point),
  );

const mountPoints = (mountinfo: string): string[] =>
  mountinfo
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .reverse();

/** The kernel writes spaces and the like as octal numbers. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

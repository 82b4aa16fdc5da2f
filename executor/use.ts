import { readFileSync } from 'node:fs';

/** CPU time is counted in ticks of 10 ms: proc(5). */
const TICKS = 100;

/**
 * What this program took, and what the tools took that it ran: a sentence for the log, which bench/ reads as well.
 * Undefined where there is no /proc.
 */
export function describeUse(
  read = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8'),
): string | undefined {
  try {
    // The program's name, in brackets, may hold anything.
    const fields = read('stat')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    // utime, stime, cutime, cstime: fields 14 to 17.
    const [own, ownSystem, tools, toolsSystem] = fields.slice(11, 15) as [number, number, number, number];
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(read('status'))?.[1]);
    if (!Number.isFinite(own + toolsSystem + peak)) return undefined;
    const seconds = (ticks: number) => (ticks / TICKS).toFixed(2);
    return `used ${seconds(own + ownSystem)} s of CPU and at most ${Math.round(peak / 1024)} MiB; its tools ${seconds(tools + toolsSystem)} s of CPU`;
  } catch {
    return undefined;
  }
}

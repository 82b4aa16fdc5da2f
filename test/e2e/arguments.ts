/** The arguments of processes on machines of the local cluster: every user of a machine can read them. */
import { randomUUID } from 'node:crypto';
import type { MachineName } from '#local/names.ts';
import { onMachine } from './residue.ts';

const LIMIT_SECONDS = 600;

/**
 * Looks at all processes of the machine, those in containers too, five times a second until `stop` is called.
 * @returns `stop`, which returns every argument that was seen, once
 */
export function watchArguments(machine: MachineName): () => Promise<string[]> {
  const flag = `/run/watch-arguments-${randomUUID()}`;
  const look = `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'`;
  const script = `touch ${flag}; i=0
    while [ -e ${flag} ] && [ $i -lt ${LIMIT_SECONDS * 5} ]; do ${look}; sleep 0.2; i=$((i + 1)); done | awk '!seen[$0]++'`;
  const seen = onMachine(machine, script, LIMIT_SECONDS * 2);
  return async () => {
    await onMachine(machine, `rm -f ${flag}`);
    return (await seen).split('\n');
  };
}

import { z } from 'zod';
import { BRIDGE, OVERLAY_ID } from '../bring-up/network.ts';
import { run, tryRun } from './command.ts';

const linkList = z.array(z.object({ ifname: z.string(), master: z.string().optional() }));

/** Removes the tenant's links; addresses and routes over them go with them. */
export async function removeTenantLinks(): Promise<void> {
  const links = linkList.parse(JSON.parse((await run(['ip', '-j', 'link', 'show'])) || '[]'));
  const own = [BRIDGE, `flannel.${OVERLAY_ID}`];
  const found = links.filter(({ ifname, master }) => own.includes(ifname) || own.includes(master ?? ''));
  // One that went with its other end in between is fine.
  for (const { ifname } of found) await tryRun(['ip', 'link', 'delete', ifname]);
}

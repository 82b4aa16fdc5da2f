import { z } from 'zod';
import { BRIDGE, OVERLAY_ID } from '../bring-up/network.ts';
import { run, tryRun } from './command.ts';

const linkList = z.array(z.object({ ifname: z.string(), master: z.string().optional() }));

/** Removes the tenant's network links, together with their addresses and routes. @throws ReasonedError `CommandFailed` */
export async function removeTenantLinks(): Promise<void> {
  const links = linkList.parse(JSON.parse((await run(['ip', '-j', 'link', 'show'])) || '[]'));
  const own = [BRIDGE, `flannel.${OVERLAY_ID}`];
  const tenantLinks = links.filter(
    ({ ifname, master }) => own.includes(ifname) || own.includes(master ?? ''),
  );
  // A link may have disappeared together with its other end.
  for (const { ifname } of tenantLinks) await tryRun(['ip', 'link', 'delete', ifname]);
}

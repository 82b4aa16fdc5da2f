import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Addresses, addressesIn, chooseSubnet } from './addresses.ts';
import { clone, layout } from './layout.ts';
import { type Names, namesFor } from './names.ts';
import { run } from './run.ts';

/** Names and addresses of the cluster. */
export type Cluster = { names: Names; addresses: Addresses; registry: string; apiServer: string };

const stateFile = z.object({ subnet: z.string() });

const clusterIn = (names: Names, subnet: string): Cluster => {
  const addresses = addressesIn(subnet);
  const control = addresses.machines[0]?.address;
  return { names, addresses, registry: `${control}:5000`, apiServer: `https://${control}:6443` };
};

async function remembered(): Promise<string | undefined> {
  try {
    return stateFile.parse(JSON.parse(await readFile(layout.state, 'utf8'))).subnet;
  } catch {
    return undefined; // never up before, or killed while writing: choose again
  }
}

const linkList = z.array(
  z.object({ ifname: z.string(), addr_info: z.array(z.object({ local: z.string().optional() })) }),
);
const routeList = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));

async function takenByOthers(names: Names): Promise<string[]> {
  const links = linkList.parse(JSON.parse(await run(['ip', '-j', 'addr'])));
  const routes = routeList.parse(
    JSON.parse((await run(['ip', '-j', '-4', 'route', 'show', 'table', 'all'])) || '[]'),
  );
  return [
    ...links
      .filter((link) => link.ifname !== names.hostLink)
      .flatMap((link) => link.addr_info.flatMap((a) => a.local ?? [])),
    ...routes
      .filter((route) => route.dev !== names.hostLink && route.dst !== 'default')
      .map((route) => route.dst),
  ];
}

/** The cluster of this clone as remembered, or undefined before the first `up`. */
export async function knownCluster(): Promise<Cluster | undefined> {
  const subnet = await remembered();
  return subnet === undefined ? undefined : clusterIn(namesFor(clone), subnet);
}

/** The cluster of this clone; chooses new addresses if they are unknown or taken by now. */
export async function settleCluster(): Promise<Cluster> {
  const names = namesFor(clone);
  const cluster = clusterIn(
    names,
    chooseSubnet(names.prefix, await takenByOthers(names), await remembered()),
  );
  await mkdir(layout.root, { recursive: true });
  const { addresses, registry, apiServer } = cluster;
  await writeFile(
    layout.state,
    `${JSON.stringify({ ...names, registry, apiServer, ...addresses }, null, 2)}\n`,
  );
  await writeFile(layout.registry, `${registry}\n`);
  return cluster;
}

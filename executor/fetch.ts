import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { z } from 'zod';
import type { Report } from '#api/contract/report.ts';
import { type FetchOrder, fetchOrder } from '#api/contract/work-order.ts';
import { asFailure, Failure } from './failure.ts';
import { type Credentials, readCredentials } from './fetch/credentials.ts';
import { type FetchItem, fetchItem } from './fetch/fetch-item.ts';
import { createHttp } from './fetch/http.ts';
import { type Network, realNetwork } from './fetch/network.ts';
import type { Deps } from './install.ts';

/** Fetches every source of PINION_FETCH; what happened is the report. Never throws. */
export async function fetchSources(deps: Deps, network: Network = realNetwork): Promise<Report> {
  try {
    const order = readFetchOrder(deps.config.fetchOrder);
    const signal = AbortSignal.any([deps.termination.signal, AbortSignal.timeout(order.timeoutMs)]);
    for (const item of order.items) await fetchOne(deps, network, order, item, signal);
    return { step: 'fetch', reason: 'Succeeded', message: `${order.items.length} sources fetched` };
  } catch (error) {
    const { reason, message } = asFailure(error);
    const ended = deps.termination.asked() && reason === 'SourceUnavailable';
    return { step: 'fetch', reason: ended ? 'Terminated' : reason, message };
  }
}

function readFetchOrder(text: string | undefined): FetchOrder {
  try {
    return fetchOrder.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError
        ? `${cause.issues[0]?.path.join('.')}: ${cause.issues[0]?.message}`
        : (cause as Error).message;
    throw new Failure('Usage', `PINION_FETCH is no fetch order: ${why}`, { cause });
  }
}

async function fetchOne(
  { config, log, redactor }: Deps,
  network: Network,
  order: FetchOrder,
  item: FetchItem,
  signal: AbortSignal,
): Promise<void> {
  const address = (item.kind === 'uri' ? item.uri : item.repo).split('?')[0];
  const chart =
    item.kind === 'repository' && item.name ? `${item.name} ${item.version ?? '(newest)'} of ` : '';
  const done = log.step('fetch', `${item.slot} from ${chart}${address}`);
  if (item.kind === 'uri') addAddressSecrets(redactor, new URL(item.uri));
  try {
    const credentials = item.credentials
      ? await readCredentials(config.credentials(item.slot), redactor)
      : undefined;
    const http = createHttp({
      network,
      rules: {
        allow: order.allowSourceCidrs,
        ca: trusted(credentials),
        verify: !order.sourceSecureLoose,
      },
      allowPlain: order.sourceSecureLoose,
      signal,
      note: log.note,
    });
    try {
      const scratch = join(config.scratch, 'fetch');
      const deps = { get: http.get, credentials, allowPlain: order.sourceSecureLoose, scratch };
      done(await fetchItem(deps, item, config.source(item.slot)));
    } finally {
      http.close();
    }
  } catch (error) {
    done(`failed: ${asFailure(error).reason}`);
    throw error;
  }
}

/** A private CA is trusted besides the public ones, for this source only. */
const trusted = (credentials: Credentials | undefined) =>
  credentials?.ca ? [...getCACertificates('default'), credentials.ca] : undefined;

/** A presigned address is a credential itself: its query, and the long values in it. */
function addAddressSecrets(redactor: Deps['redactor'], { search, searchParams }: URL): void {
  redactor.add(search.slice(1));
  for (const value of searchParams.values()) if (value.length >= 16) redactor.add(value);
}

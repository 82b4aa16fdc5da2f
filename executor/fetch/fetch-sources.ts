import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { Report } from '#api/contract/report.ts';
import { type FetchItem, type FetchOrder, fetchOrder } from '#api/contract/work-order.ts';
import { asFailure, Failure } from '../failure.ts';
import { explainParseError } from '../parse-error.ts';
import type { Program } from '../program.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { fetchItem } from './fetch-item.ts';
import { createHttp } from './http.ts';
import { type Network, realNetwork } from './network.ts';
import { transportOf } from './transports.ts';

/** Fetches every source of PINION_FETCH. Never throws: the report says what failed. */
export async function fetchSources(program: Program, network: Network = realNetwork): Promise<Report> {
  const { config, termination } = program;
  try {
    const order = readFetchOrder(config.fetchOrder);
    const signal = AbortSignal.any([termination.signal, AbortSignal.timeout(order.timeoutMs)]);
    for (const item of order.items) await fetchOne(program, network, order, item, signal);
    return { step: 'fetch', reason: 'Succeeded', message: `${order.items.length} sources fetched` };
  } catch (error) {
    const { reason, message } = asFailure(error);
    const interrupted = termination.asked() && reason === 'SourceUnavailable';
    return { step: 'fetch', reason: interrupted ? 'Terminated' : reason, message };
  }
}

function readFetchOrder(text: string | undefined): FetchOrder {
  try {
    return fetchOrder.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    throw new Failure('Usage', `PINION_FETCH is not a fetch order: ${explainParseError(cause)}`, { cause });
  }
}

async function fetchOne(
  { config, log, redactor }: Program,
  network: Network,
  order: FetchOrder,
  item: FetchItem,
  signal: AbortSignal,
): Promise<void> {
  const transport = await transportOf(item);
  const done = log.step('fetch', `${item.slot} from ${transport.describe(item)}`);
  for (const secret of transport.secretsOf(item)) redactor.add(secret);
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
      done(await fetchItem(deps, transport, item, config.source(item.slot)));
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

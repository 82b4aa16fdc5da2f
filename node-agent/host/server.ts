import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { z } from 'zod';
import { leaveOrder } from '#api/contract/host-agent.ts';
import { joinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';
import type { HostAgent } from './host-agent.ts';

const MAX_BODY = 256 * 1024;
const REQUEST_MS = 10_000;

export type Credentials = { key: string; cert: string; ca: string };

/**
 * Serves GET /status, POST /join and POST /leave to clients with a certificate of the operator's CA. Every response is
 * the agent's status, or `{reason, message}`.
 */
export function createAgentServer(agent: HostAgent, credentials: Credentials): Server {
  const options = {
    ...credentials,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3' as const,
  };
  const server = createServer(options, (request, response) => {
    answer(agent, request).then(
      ([code, body]) => send(response, code, body),
      (error: Error) => send(response, ...failure(error)),
    );
  });
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  return server;
}

async function answer(agent: HostAgent, request: IncomingMessage): Promise<[number, object]> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /status':
      return [200, agent.status()];
    case 'POST /join':
      await agent.join(joinOrder.parse(await bodyOf(request)));
      return [202, agent.status()];
    case 'POST /leave':
      await agent.leave(leaveOrder.parse(await bodyOf(request)));
      return [202, agent.status()];
    default:
      return [404, { reason: 'NotFound', message: 'use GET /status, POST /join or POST /leave' }];
  }
}

function failure(error: Error): [number, object] {
  if (error instanceof z.ZodError) return [400, { reason: 'Invalid', message: z.prettifyError(error) }];
  if (!(error instanceof ReasonedError)) return [500, { reason: 'InternalError', message: error.message }];
  const { reason, message } = error;
  return [reason === 'Occupied' ? 409 : 400, { reason, message }];
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ReasonedError('TooLarge', `the body is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new ReasonedError('Invalid', 'the body is not JSON', { cause });
  }
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { z } from 'zod';
import { type AgentStatus, agentStatus, type LeaveOrder } from '#api/contract/host-agent.ts';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { ReasonedError, reasonOr } from '#api/errors.ts';
import type { Pair } from '#kube/certificates/issue.ts';
import type { AgentAddress } from './node-snapshot.ts';

const TIMEOUT_MS = 5_000;
const MAX_ANSWER = 64 * 1024;

/** Client of the agents on host machines. Every call resolves within seconds. @throws ReasonedError */
export type Agents = {
  status(agent: AgentAddress): Promise<AgentStatus>;
  join(agent: AgentAddress, order: JoinOrder): Promise<AgentStatus>;
  leave(agent: AgentAddress, order: LeaveOrder): Promise<AgentStatus>;
};

/** @param clientPair the operator's client certificate, signed by AgentAuthority */
export function createAgents(clientPair: () => Promise<Pair>): Agents {
  const call = async (agent: AgentAddress, method: string, path: string, body?: object) => {
    const answer = await send(agent, await clientPair(), { method, path, body });
    try {
      return agentStatus.parse(JSON.parse(answer));
    } catch (error) {
      const message = `the node agent at ${agent.host}:${agent.port} returned an unexpected response: ${(error as Error).message}`;
      throw new ReasonedError('AgentError', message.slice(0, 512), { cause: error });
    }
  };
  return {
    status: (agent) => call(agent, 'GET', '/status'),
    join: (agent, order) => call(agent, 'POST', '/join', order),
    leave: (agent, order) => call(agent, 'POST', '/leave', order),
  };
}

type Call = { method: string; path: string; body?: object | undefined };

/** Resolves to the body of a response below 300. The agent must show exactly the certificate that it announced. */
function send({ host, port, certificate }: AgentAddress, client: Pair, { method, path, body }: Call) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const expected = new X509Certificate(certificate).fingerprint256;
  const fail = (message: string, cause?: unknown) =>
    reject(
      new ReasonedError('AgentUnreachable', `the node agent at ${host}:${port} does not answer: ${message}`, {
        cause,
      }),
    );
  const text = body && JSON.stringify(body);
  const sent = request(
    {
      host,
      port,
      method,
      path,
      agent: false,
      ca: certificate,
      ...client,
      // The certificate is pinned, so its names don't matter.
      checkServerIdentity: (_host, peer) =>
        peer.fingerprint256 === expected
          ? undefined
          : new Error('its certificate differs from the one that it announced'),
      headers: text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {},
      signal: AbortSignal.timeout(TIMEOUT_MS),
    },
    (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
        if (answer.length > MAX_ANSWER)
          response.destroy(new Error(`the response is longer than ${MAX_ANSWER} bytes`));
      });
      response.on('error', (error) => fail(error.message, error));
      response.on('end', () => {
        const code = response.statusCode ?? 0;
        if (code < 300) resolve(answer);
        else reject(refusal(code, answer));
      });
    },
  );
  sent.on('error', (error) => fail(error.message, error));
  sent.end(text);
  return promise;
}

const refused = z.object({ reason: z.string(), message: z.string() });

function refusal(code: number, answer: string): ReasonedError {
  try {
    const { reason, message } = refused.parse(JSON.parse(answer));
    return new ReasonedError(reasonOr(`Agent${reason}`, 'AgentError'), message.slice(0, 512));
  } catch {
    return new ReasonedError('AgentError', `the node agent answered with HTTP ${code}`);
  }
}

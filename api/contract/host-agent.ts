import { z } from 'zod';
import { joinOrder } from './join-order.ts';

/** What the operator and the agent of a host node say to each other. */

export const AGENT_NAMESPACE = 'pinion-node-agent';
/** Value of `app.kubernetes.io/component` on the installer's pods. */
export const AGENT_COMPONENT = 'node-agent';
/** ConfigMap of AGENT_NAMESPACE with the authority of the operator's client certificates, and its key. */
export const AGENT_AUTHORITY = { name: 'operator-authority', key: 'ca.crt' } as const;

/** The installer's log says under this word, in a line of its own, how the agent is reached and known. */
export const ANNOUNCEMENT = 'pinion-node-agent';
export const announcement = z.object({
  port: z.number().int().min(1).max(65535),
  certificate: z.string().min(1).max(8192).describe('The certificate that the agent serves with, PEM.'),
});
export type Announcement = z.infer<typeof announcement>;

export const announce = (said: Announcement): string => `${ANNOUNCEMENT} ${JSON.stringify(said)}`;

/** What a log announces last, or undefined. */
export function announcedIn(log: string): Announcement | undefined {
  const line = log.split('\n').findLast((one) => one.startsWith(`${ANNOUNCEMENT} {`));
  if (line === undefined) return undefined;
  try {
    return announcement.parse(JSON.parse(line.slice(ANNOUNCEMENT.length + 1)));
  } catch {
    return undefined; // a line that the log was cut in
  }
}

/** Whose node the machine is, or is becoming. */
export const AGENT_PHASES = ['Host', 'Joining', 'Tenant', 'Leaving'] as const;

/** The agent on a machine in a tenant is of the release that moved it: new fields are optional, old ones stay. */
export const agentStatus = z.object({
  version: z.string().max(64).describe('Of the agent and of the programs that it brings.'),
  phase: z.enum(AGENT_PHASES),
  since: z.iso.datetime().describe('When the phase began, by the clock of the machine.'),
  ageMs: z.number().int().min(0).optional().describe('How long ago that is, by the same clock.'),
  nodeUid: z.string().max(128).optional().describe('Uid of the VirtualCluster; absent in phase Host.'),
  step: z.string().max(64).optional().describe('What is under way.'),
  error: z.string().max(1024).optional().describe('Why that step was last tried in vain.'),
});
export type AgentStatus = z.infer<typeof agentStatus>;

/** How long an agent has been in its phase, in milliseconds: its clock and ours may differ. */
export const phaseAge = ({ ageMs, since }: AgentStatus, now: number): number =>
  ageMs ?? now - Date.parse(since);

export const leaveOrder = joinOrder.pick({ nodeUid: true });
export type LeaveOrder = z.infer<typeof leaveOrder>;

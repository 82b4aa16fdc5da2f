import { z } from 'zod';
import { joinOrder } from './join-order.ts';

/** The protocol between the operator and the agent of a host node. */

export const AGENT_NAMESPACE = 'pinion-node-agent';
/** Value of `app.kubernetes.io/component` on the installer's pods. */
export const AGENT_COMPONENT = 'node-agent';
/** ConfigMap of AGENT_NAMESPACE with the authority of the operator's client certificates, and its key. */
export const AGENT_AUTHORITY = { name: 'operator-authority', key: 'ca.crt' } as const;

/** Starts the line of the installer's log that says how the agent is reached and recognised. */
export const ANNOUNCEMENT = 'pinion-node-agent';
export const announcement = z.object({
  port: z.number().int().min(1).max(65535),
  certificate: z.string().min(1).max(8192).describe('The certificate that the agent serves with, PEM.'),
});
export type Announcement = z.infer<typeof announcement>;

export const announce = (announcement: Announcement): string =>
  `${ANNOUNCEMENT} ${JSON.stringify(announcement)}`;

/** The last announcement of a log, or undefined. */
export function announcedIn(log: string): Announcement | undefined {
  const line = log.split('\n').findLast((text) => text.startsWith(`${ANNOUNCEMENT} {`));
  if (line === undefined) return undefined;
  try {
    return announcement.parse(JSON.parse(line.slice(ANNOUNCEMENT.length + 1)));
  } catch {
    return undefined; // the log was cut inside the line
  }
}

/** Whose node the machine is or becomes: the host's or a tenant's. */
export const AGENT_PHASES = ['Host', 'Joining', 'Tenant', 'Leaving'] as const;

/** A promoted machine keeps the agent version that promoted it: new fields are optional, old ones stay. */
export const agentStatus = z.object({
  version: z.string().max(64).describe('Of the agent and of the programs that it brings.'),
  phase: z.enum(AGENT_PHASES),
  since: z.iso.datetime().describe('When the phase began, by the clock of the machine.'),
  ageMs: z.number().int().min(0).optional().describe('How long ago that is, by the same clock.'),
  nodeUid: z.string().max(128).optional().describe('Uid of the VirtualCluster; absent in phase Host.'),
  step: z.string().max(64).optional().describe('The current step.'),
  error: z.string().max(1024).optional().describe('Why that step failed last.'),
});
export type AgentStatus = z.infer<typeof agentStatus>;

/** How long an agent has been in its phase, in milliseconds: its clock and ours may differ. */
export const phaseAge = ({ ageMs, since }: AgentStatus, now: number): number =>
  ageMs ?? now - Date.parse(since);

export const leaveOrder = joinOrder.pick({ nodeUid: true });
export type LeaveOrder = z.infer<typeof leaveOrder>;

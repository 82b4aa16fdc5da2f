import type { Service } from '../bring-up/services.ts';
import { layout, tenantUnit } from './layout.ts';

/** Quotes a word for ExecStart= or Environment=, so that systemd expands no specifier, variable or quote in it. */
export const unitWord = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const program = (description: string, service: string[]): string => `[Unit]
Description=${description}
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
KillMode=process
Delegate=yes
TimeoutStartSec=infinity
${service.join('\n')}
`;

/** The unit of one of the tenant's programs. Only the agent starts it, so it has no [Install]. */
export function tenantUnitText({ name, argv, env, needs }: Service, programs: string): string {
  const environment = { ...env, PATH: `${programs}:${PATH}` };
  const until = `until test -e ${needs}; do sleep 0.2; done`;
  return program(`${name} of a Pinion virtual cluster`, [
    ...Object.entries(environment).map(([key, value]) => `Environment=${unitWord(`${key}=${value}`)}`),
    ...(needs === undefined ? [] : [`ExecStartPre=/bin/sh -c ${unitWord(until)}`]),
    // systemd looks the first word up without the unit's PATH, so env does.
    `ExecStart=/usr/bin/env ${argv.map(unitWord).join(' ')}`,
  ]);
}

/** The unit of the agent itself. It starts with the machine. */
export const agentUnitText = (argv: readonly string[]): string => `${program(
  "Moves this machine into Pinion's virtual clusters and back",
  [`ExecStart=${argv.map(unitWord).join(' ')}`],
)}
[Install]
WantedBy=multi-user.target
`;

/** A drop-in that keeps a host's unit from starting while the machine is in a tenant, also after a reboot. */
export const hostUnitDropIn = `[Unit]
ConditionPathExists=!${layout.promoted}
`;

export const dropInPath = (unit: string, units = layout.units): string => `${units}/${unit}.d/pinion.conf`;
export const tenantUnitPath = (service: string): string => `${layout.units}/${tenantUnit(service)}`;

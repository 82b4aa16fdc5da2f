import type { JoinOrder } from '#api/contract/join-order.ts';

export type Settings = {
  /** Folders of the programs that this version of the agent brings. */
  programs: string;
  cniPrograms: string;
  /** The node's InternalIP. */
  address: string;
  /** Units of the machine's own kubelet and of what belongs to it. */
  hostUnits: readonly string[];
};

export type LeaveContext = {
  settings: Settings;
  log: (line: string) => void;
  /** Sockets of the host's containers before the tenant came; absent when none came. */
  hostSockets: readonly string[] | undefined;
  /** Writes down that nothing of the tenant is left: what comes from now on is the host's. */
  noteCleaned: () => Promise<void>;
};
export type JoinContext = Omit<LeaveContext, 'noteCleaned'> & { order: JoinOrder };

/**
 * Can be done again at any time: a restarted agent begins with the first step of the way. `run` resolves to false
 * when it waits for something and has to be looked at again soon.
 */
export type Step<Context> = { name: string; run: (context: Context) => Promise<boolean> };

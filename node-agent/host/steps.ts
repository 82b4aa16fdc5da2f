import type { JoinOrder } from '#api/contract/join-order.ts';

export type Settings = {
  /** Folders of the programs that come with this version of the agent. */
  programs: string;
  cniPrograms: string;
  /** The node's InternalIP. */
  address: string;
  /** Units of the machine's own kubelet, the first one, and of its companions. */
  hostUnits: readonly string[];
};

export type LeaveContext = {
  settings: Settings;
  log: (line: string) => void;
  /** Sockets of the host's containers before the machine joined a tenant; undefined when it did not join. */
  hostSockets: readonly string[] | undefined;
  /** Records that nothing of the tenant is left: everything from now on is the host's. */
  noteCleaned: () => Promise<void>;
};
export type JoinContext = Omit<LeaveContext, 'noteCleaned'> & { order: JoinOrder };

/**
 * An idempotent step: a restarted agent begins with the first step again. `run` resolves to true when the step is done,
 * and to false when it has to be called again soon.
 */
export type Step<Context> = { name: string; run: (context: Context) => Promise<boolean> };

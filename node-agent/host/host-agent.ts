import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentStatus, LeaveOrder } from '#api/contract/host-agent.ts';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { ReasonedError } from '#api/errors.ts';
import { joinSteps } from './join.ts';
import { leaveSteps, shimSockets } from './leave.ts';
import { type MachineState, readState, writeState } from './state.ts';
import type { JoinContext, LeaveContext, Settings, Step } from './steps.ts';

const RETRY_MS = 2_000;
const POLL_MS = 300;

type Options = {
  version: string;
  settings: Settings;
  statePath: string;
  log: (line: string) => void;
  /** Replaced in tests. */
  steps?: { join: readonly Step<JoinContext>[]; leave: readonly Step<LeaveContext>[] };
  listSockets?: () => Promise<string[]>;
};

type Decide = (state: MachineState) => MachineState | undefined;

/** Moves the machine into a tenant and back. An order is stored and answered at once; the work follows. */
export class HostAgent {
  readonly #options: Options;
  #state: MachineState;
  #step: string | undefined;
  #error: string | undefined;
  /** Counts the orders, so that the work on an older order stops after its current step. */
  #turn = 0;
  #work: Promise<void> = Promise.resolve();
  #changes: Promise<void> = Promise.resolve();

  private constructor(options: Options, state: MachineState) {
    this.#options = options;
    this.#state = state;
  }

  /** Resumes what was under way. After a reboot it starts the tenant's programs again. */
  static async start(options: Options): Promise<HostAgent> {
    const agent = new HostAgent(options, await readState(options.statePath, new Date()));
    if (agent.#state.phase === 'Tenant') agent.#state = { ...agent.#state, phase: 'Joining' };
    agent.#begin();
    return agent;
  }

  status(): AgentStatus {
    const { phase, since, order } = this.#state;
    return {
      version: this.#options.version,
      phase,
      since,
      ageMs: Math.max(0, Date.now() - Date.parse(since)),
      ...(order && { nodeUid: order.nodeUid }),
      ...(this.#step !== undefined && { step: this.#step }),
      ...(this.#error !== undefined && { error: this.#error.slice(0, 1024) }),
    };
  }

  /**
   * Orders the machine into a tenant.
   * @throws ReasonedError `Occupied` while the machine leaves, or belongs to another VirtualCluster
   */
  async join(order: JoinOrder): Promise<void> {
    const sockets = await (this.#options.listSockets ?? shimSockets)();
    await this.#change((state) => {
      const { phase, order: present } = state;
      if (phase === 'Leaving' || (present && present.nodeUid !== order.nodeUid)) {
        const message = `the machine is ${phase} for VirtualCluster ${present?.nodeUid}; return it first`;
        throw new ReasonedError('Occupied', message);
      }
      if (phase === 'Tenant') return undefined;
      return { ...state, phase: 'Joining', order, hostSockets: state.hostSockets ?? sockets };
    });
  }

  /** Orders the machine back to the host. @throws ReasonedError `Occupied` when it belongs to another VirtualCluster */
  async leave({ nodeUid }: LeaveOrder): Promise<void> {
    await this.#change((state) => {
      const { phase, order } = state;
      if (order && order.nodeUid !== nodeUid) {
        throw new ReasonedError('Occupied', `the machine belongs to VirtualCluster ${order.nodeUid}`);
      }
      return phase === 'Leaving' ? undefined : { ...state, phase: 'Leaving' };
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    for (let seen: Promise<void> | undefined; seen !== this.#work; ) {
      seen = this.#work;
      await seen;
    }
  }

  /** Stores a new state and begins to work on it. `decide` returns undefined to change nothing. */
  #change(decide: Decide): Promise<void> {
    return this.#write(decide, () => this.#begin());
  }

  /** Without the list, a repeated way back removes nothing that belongs to the host. */
  #forgetSockets(turn: number): Promise<void> {
    return this.#write(({ hostSockets: _forgotten, ...state }) => (turn === this.#turn ? state : undefined));
  }

  #write(decide: Decide, then: () => void = () => undefined): Promise<void> {
    // One after the other: otherwise the end of the work and a new order could overwrite each other.
    const changed = this.#changes.then(async () => {
      const wanted = decide(this.#state);
      if (wanted === undefined) return;
      const since = wanted.phase === this.#state.phase ? this.#state.since : new Date().toISOString();
      await writeState(this.#options.statePath, { ...wanted, since });
      this.#state = { ...wanted, since };
      then();
    });
    this.#changes = changed.catch(() => undefined);
    return changed;
  }

  #begin(): void {
    const turn = ++this.#turn;
    this.#work = this.#work.then(() => this.#proceed(turn));
  }

  /** Takes all steps of the current way, and repeats each until it is done. */
  async #proceed(turn: number): Promise<void> {
    const { phase, order } = this.#state;
    if (phase === 'Host' || phase === 'Tenant') return;
    const { join, leave } = this.#options.steps ?? { join: joinSteps, leave: leaveSteps };
    const { settings, log } = this.#options;
    const context = { settings, log, hostSockets: this.#state.hostSockets };
    const isDone =
      phase === 'Joining' && order
        ? await this.#finishAll(join, { ...context, order }, turn)
        : await this.#finishAll(leave, { ...context, noteCleaned: () => this.#forgetSockets(turn) }, turn);
    const arrive: Step<object> = {
      name: 'Arrive',
      run: async () => {
        await this.#change((state) => {
          if (turn !== this.#turn) return undefined;
          this.#step = undefined;
          return phase === 'Joining' ? { ...state, phase: 'Tenant' } : { phase: 'Host', since: state.since };
        });
        return true;
      },
    };
    if (isDone) await this.#finishAll([arrive], {}, turn);
  }

  /** @returns false when another order has arrived in between */
  async #finishAll<C>(steps: readonly Step<C>[], context: C, turn: number): Promise<boolean> {
    for (const step of steps) {
      this.#step = step.name;
      this.#error = undefined;
      this.#options.log(`${this.#state.phase}: ${step.name}`);
      for (let delay: number | undefined = 0; delay !== undefined; ) {
        if (delay > 0) await sleep(delay);
        if (turn !== this.#turn) return false;
        delay = await this.#attempt(step, context);
      }
    }
    return turn === this.#turn;
  }

  /** @returns milliseconds until the next attempt; undefined when the step is done */
  async #attempt<C>(step: Step<C>, context: C): Promise<number | undefined> {
    try {
      return (await step.run(context)) ? undefined : POLL_MS;
    } catch (error) {
      this.#error = (error as Error).message;
      this.#options.log(`${step.name}: ${this.#error}`);
      return RETRY_MS;
    }
  }
}

/** Seconds that each finished step took, in order of completion. */
export type Timing = { step: string; seconds: number };

/** Prints steps: lines with times in a log, and on a terminal one changing line for what is under way. */
export class Progress {
  readonly timings: Timing[] = [];
  readonly #started = Date.now();
  readonly #active = new Map<string, number>();
  readonly #out: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
    if (out.isTTY) this.#timer = setInterval(() => this.#redraw(), 500).unref();
  }

  /** Runs one step under a name; steps may overlap. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = Date.now();
    this.#active.set(name, start);
    if (this.#out.isTTY) this.#redraw();
    else this.#out.write(`${this.#clock()}   ${name} ...\n`);
    try {
      const result = await work();
      const seconds = (Date.now() - start) / 1000;
      this.timings.push({ step: name, seconds });
      this.note(`ok ${name} (${seconds.toFixed(1)} s)`);
      return result;
    } finally {
      this.#active.delete(name);
    }
  }

  /** Prints one line that stays. */
  note(text: string): void {
    this.#out.write(`${this.#out.isTTY ? '\r\x1b[2K' : ''}${this.#clock()}   ${text}\n`);
  }

  /** Ends the changing line. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#out.isTTY) this.#out.write('\r\x1b[2K');
  }

  #clock(): string {
    return `[${((Date.now() - this.#started) / 1000).toFixed(1).padStart(6)} s]`;
  }

  #redraw(): void {
    if (this.#active.size === 0) return;
    const line = [...this.#active]
      .map(([name, since]) => `${name} ${Math.round((Date.now() - since) / 1000)} s`)
      .join(' · ');
    this.#out.write(`\r\x1b[2K${this.#clock()} … ${line}`.slice(0, (this.#out.columns || 80) + 5));
  }
}

import type { Api } from '../api.ts';
import type { Result } from '../figures.ts';

export type Context = {
  api: Api;
  /** The executor's image: what the benchmarks' own pods run, too. */
  image: string;
  rounds: number;
  /** A line for whoever waits. */
  progress: (text: string) => void;
};

/** One benchmark. `name` is what `--scenario` takes and the mark on docs/benchmarks.md. */
export type Scenario = { name: string; about: string; run: (context: Context) => Promise<Result> };

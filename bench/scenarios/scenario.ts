import type { Api } from '../api.ts';
import type { Result } from '../figures.ts';

export type Context = {
  api: Api;
  /** The executor's image; the pods of the benchmarks run it, too. */
  image: string;
  rounds: number;
  /** Prints a line of progress. */
  progress: (text: string) => void;
};

/** A benchmark. `name` is the value of `--scenario` and the mark in docs/benchmarks.md. */
export type Scenario = { name: string; about: string; run: (context: Context) => Promise<Result> };

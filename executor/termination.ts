/** What SIGTERM means now: while a first installation runs it may finish, at any other time work ends. */
export type Termination = {
  /** Fires when work must end. */
  signal: AbortSignal;
  /** Whether SIGTERM was received at all. */
  asked: () => boolean;
  /** Lets work go on for up to `graceMs` after SIGTERM. */
  allowGrace: () => void;
  endGrace: () => void;
};

/** Of the 30 s that Kubernetes gives a pod, what is left for the report and for ending the tools. */
const GRACE_MS = 24_000;

export function watchTermination(
  source: { on: (event: 'SIGTERM' | 'SIGINT', listener: () => void) => unknown },
  note: (text: string) => void,
  graceMs = GRACE_MS,
): Termination {
  const controller = new AbortController();
  let asked = false;
  let grace = false;
  let timer: NodeJS.Timeout | undefined;
  const onSignal = () => {
    if (asked) return;
    asked = true;
    if (!grace) return controller.abort();
    note('SIGTERM received; the first installation may finish');
    timer = setTimeout(() => controller.abort(), graceMs);
    timer.unref();
  };
  source.on('SIGTERM', onSignal);
  source.on('SIGINT', onSignal);
  return {
    signal: controller.signal,
    asked: () => asked,
    allowGrace: () => {
      grace = true;
    },
    endGrace: () => {
      grace = false;
      clearTimeout(timer);
      if (asked) controller.abort();
    },
  };
}

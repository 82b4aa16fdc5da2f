import { expect, test } from 'vitest';
import { whyItCannotFail } from './success-command.ts';

test.each([
  ['|| true', 'kubectl rollout status deployment/web || true'],
  ['|| echo', 'kubectl rollout status deployment/web || echo not yet'],
  ['&& echo || echo', 'kubectl get deployment web && echo ok || echo bad'],
  ['; true', 'kubectl rollout status deployment/web; true'],
  ['true on a line of its own', 'kubectl rollout status deployment/web\ntrue\n'],
  ['exit 0', 'kubectl rollout status deployment/web; exit 0'],
  ['only echo', 'echo ok'],
  ['a pipe into tee', 'kubectl rollout status deployment/web | tee /tmp/log'],
  ['a pipe into cat', 'kubectl get pods | cat'],
  ['a comment after it', 'kubectl get pods || true\n# as before'],
  [
    'grep for what kubectl prints to stderr, and an echo for both outcomes',
    "kubectl get pods -n default -l app=test --field-selector=status.phase!=Running | grep -q 'No resources found' && echo ok || echo bad",
  ],
  ['grep for what kubectl prints to stderr', 'kubectl get pods | grep "No resources found"'],
])('whyItCannotFail finds that a command with %s cannot fail', (_what, command) => {
  expect(whyItCannotFail(command)).toMatch(/like: /);
});

test.each([
  ['a check', 'kubectl rollout status deployment/web --timeout=5s'],
  ['a pipe into grep', 'kubectl get pods | grep -q Running'],
  ['a pipe into grep, then echo on success', 'kubectl get pods | grep -q Running && echo ok'],
  ['an early exit', 'kubectl get pods || exit 1; echo ok'],
  ['set -e', 'set -eu\nkubectl get pods\necho ok'],
  ['an if', 'if kubectl get pods | grep -q Running; then echo ok; else false; fi'],
  ['true in a text', "test \"$(kubectl get a -o jsonpath='{.x}')\" = 'a || true'"],
  ['|| true in a subcommand', 'test "$(kubectl get a || true)" = b'],
  ['|| true inside, a check at the end', 'kubectl get a || true; kubectl get b'],
  ['curl in an alternative', 'curl -f https://a || curl -f https://b'],
  ['a group', '(kubectl get a || true) && kubectl get b'],
  ['a redirection', 'kubectl get a >/dev/null 2>&1'],
  ['a redirection, then echo on success', 'kubectl get a &>/dev/null && echo ok 2>&1'],
  ['nothing', ''],
])('whyItCannotFail accepts a command with %s', (_what, command) => {
  expect(whyItCannotFail(command)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { eventually, kubectl } from '#test/kubectl.ts';

test('the API server answers and controllers run', async () => {
  await kubectl(['create', 'namespace', 'harness']);
  const account = await eventually('the default account exists', 90, async () =>
    kubectl(['get', 'serviceaccount', 'default', '-n', 'harness', '--ignore-not-found', '-o', 'name']).then(
      (name) => name !== '' && name,
    ),
  );
  expect(account).toBe('serviceaccount/default');
});

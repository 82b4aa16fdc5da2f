import { expect, test } from 'vitest';
import { targetLookup } from './target-lookup.ts';

/** What a connection to a name with these addresses would get. */
const lookUp = (addresses: string[]): Promise<unknown> =>
  new Promise((pass, refuse) => {
    const found = addresses.map((address) => ({ address, family: 4 }));
    targetLookup((_name, _options, answer) => answer(null, found))('h.example', {}, (error, seen) =>
      error ? refuse(error) : pass(seen),
    );
  });

test('a name with private and public addresses is used as it is', async () => {
  await expect(lookUp(['10.0.0.1', '198.51.100.7'])).resolves.toHaveLength(2);
});

test.each([
  '127.0.0.1',
  '169.254.169.254',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '::7f00:1',
  'fe80::1',
  '0.0.0.0',
])('a name one of whose addresses is %s leads nowhere', async (address) => {
  await expect(lookUp(['10.0.0.1', address])).rejects.toThrow(/loopback, link-local/);
});

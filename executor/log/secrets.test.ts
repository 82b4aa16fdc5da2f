import { expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';
import { addValuesSecrets } from './secrets.ts';

test.for(['hunter22', '12345678901234567890', '0123456', '3.140'])(
  'the secret value %s is masked',
  (secret) => {
    const redactor = createRedactor();
    addValuesSecrets(redactor, `a: [${secret}]\nb: {c: other-secret}\n`);
    expect(redactor.redact(`Invalid value: ${secret}: not good`)).toBe('Invalid value: ***: not good');
  },
);

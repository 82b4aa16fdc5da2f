import { expect, test } from 'vitest';
import { decodeKubeconfig, parseKubeconfig, writeKubeconfig } from './kubeconfig.ts';

const text = (user: string, cluster = 'server: "https://10.1.2.3:6443"') =>
  `{current-context: a, clusters: [{name: a, cluster: {${cluster}}}], contexts: [{name: a, context: {cluster: a, user: a}}], users: [{name: a, user: {${user}}}]}`;

test('an address and inline credentials are kept', () => {
  expect(
    parseKubeconfig(text('token: t', 'server: "https://h.example", tls-server-name: kubernetes')),
  ).toEqual({
    server: 'https://h.example',
    ca: undefined,
    tlsServerName: 'kubernetes',
    insecureSkipTlsVerify: false,
    cert: undefined,
    key: undefined,
    token: 't',
  });
});

test('what is written is read as the same', () => {
  const target = { server: 'https://h.example', insecureSkipTlsVerify: true, token: 't' };
  expect(parseKubeconfig(writeKubeconfig(target))).toMatchObject(target);
});

test('base64 may be broken into lines', () => {
  const base64 = Buffer.from(text('token: t'))
    .toString('base64')
    .replace(/(.{20})/g, '$1\n');
  expect(decodeKubeconfig(base64)).toMatchObject({ token: 't' });
});

const HOSTS = [
  'localhost',
  'a.localhost.',
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::169.254.169.254]',
  '0.0.0.0',
  '169.254.169.254',
  '[fe80::1]',
];
test.each(HOSTS)('the server %s is refused: it is this machine, or its metadata', (host) => {
  expect(() => parseKubeconfig(text('token: t', `server: "https://${host}:6443"`))).toThrow(
    /loopback, link-local/,
  );
});

test.each(['[::1.2.3.4]', '[64:ff9b::10.0.0.1]', '[2001:db8::7f00:1]', '[fd00::1]'])(
  'the server %s is accepted: it is somebody else',
  (host) => {
    expect(() => parseKubeconfig(text('token: t', `server: "https://${host}:6443"`))).not.toThrow();
  },
);

test.each([
  ['exec', text('exec: {command: id}'), /"exec".*inline/],
  ['auth-provider', text('auth-provider: {name: a}'), /"auth-provider"/],
  ['the file of a token', text('tokenFile: /etc/passwd'), /"tokenFile"/],
  ['the file of a key', text('client-key: /etc/passwd'), /"client-key"/],
  [
    'the file of a CA',
    text('token: t', 'server: "https://h", certificate-authority: /etc/passwd'),
    /"certificate-authority"/,
  ],
  ['a proxy', text('token: t', 'server: "https://h", proxy-url: "http://p"'), /"proxy-url"/],
  ['no credentials', text(''), /neither/],
  [
    'a CA that is not to be used',
    text('token: t', 'server: "https://h", certificate-authority-data: YQ==, insecure-skip-tls-verify: true'),
    /insecure-skip-tls-verify: true and certificate-authority-data.*remove/,
  ],
  [
    'a quoted boolean',
    text('token: t', 'server: "https://h", insecure-skip-tls-verify: "true"'),
    /without quotes/,
  ],
  [
    'a CA as PEM',
    text('token: t', 'server: "https://h", certificate-authority-data: "-----BEGIN CERTIFICATE-----"'),
    /certificate-authority-data is PEM; .*base64 -w0/,
  ],
  [
    'a CA that is not base64',
    text('token: t', 'server: "https://h", certificate-authority-data: "%"'),
    /base64/,
  ],
  [
    'a CA that is none',
    text('token: t', 'server: "https://h", certificate-authority-data: YQ=='),
    /holds no PEM certificate/,
  ],
  ['a certificate without its key', text('client-certificate-data: YQ=='), /without client-key-data/],
  [
    'a certificate that is none',
    text('client-certificate-data: YQ==, client-key-data: YQ=='),
    /no PEM certificate/,
  ],
  [
    'a line break in the token',
    text('token: "hunter2\\n"'),
    /^kubeconfig's token has a line break(?!.*hunter2)/,
  ],
  ['http://', text('token: t', 'server: "http://10.1.2.3"'), /must be an https/],
  [
    'a context that leads nowhere',
    text('token: t').replace('current-context: a', 'current-context: b'),
    /"b" has no matching cluster and user/,
  ],
  ['another document', 'a: b', /is not a kubeconfig/],
  [
    'no YAML, whose text is not repeated',
    'token: "hunter2',
    /^kubeconfig is not YAML; give a kubeconfig as kubectl config view --raw --minify prints it$/,
  ],
])('a kubeconfig with %s is refused', (_what, given, message) => {
  expect(() => parseKubeconfig(given)).toThrow(message);
});

test('thousands of aliases of one large entry take no time', { timeout: 5000 }, () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join(', ');
  const many = `clusters:\n- &a {name: x, cluster: {${keys}}}\n${'- *a\n'.repeat(20_000)}`;
  const rest = 'contexts: [{name: c, context: {cluster: x, user: u}}]\nusers: [{name: u, user: {token: t}}]';
  expect(() => parseKubeconfig(`${many}${rest}\ncurrent-context: c`)).toThrow(/"k0", which is not accepted/);
});

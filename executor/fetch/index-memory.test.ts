import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Makes an index of 47.5 MiB, 95 % of the limit, and prints what is fetched from it, and the most memory that it took in kB. */
const SCRIPT = `
  import { readFileSync } from 'node:fs';
  import { fetchFromIndex } from ${JSON.stringify(join(import.meta.dirname, 'chart-index.ts'))};
  const [form, share] = process.argv.slice(1);
  const parts = [];
  let size = 0;
  const entry = (name, version) => ({
    apiVersion: 'v2', created: '2026-01-02T03:04:05.678901234Z', description: 'What it does',
    name, urls: [name + '-' + version + '.tgz'], version,
  });
  const block = (one) => Object.entries(one).map(([key, value]) =>
    key === 'urls' ? 'urls:\\n    - ' + value[0] : key + ': ' + value).join('\\n    ');
  for (let i = 0; size < 47.5 * 2 ** 20; i++) {
    const name = share === 'one chart' ? 'web' : 'chart' + Math.floor(i / 100);
    const one = entry(name, share === 'one chart' ? '1.' + i + '.0' : '1.' + (i % 100) + '.0');
    const isFirst = share === 'one chart' ? i === 0 : i % 100 === 0;
    const text = form === 'json'
      ? (isFirst ? (i ? '],' : '') + JSON.stringify(name) + ':[' : ',') + JSON.stringify(one)
      : (isFirst ? '  ' + name + ':\\n' : '') + '  - ' + block(one) + '\\n';
    parts.push(text);
    size += text.length;
  }
  const last = share === 'one chart' ? '' : form === 'json' ? '],"web":[' + JSON.stringify(entry('web', '2.0.0')) : '  web:\\n  - ' + block(entry('web', '2.0.0')) + '\\n';
  const index = Buffer.from((form === 'json' ? '{"entries":{' : 'apiVersion: v1\\nentries:\\n') + parts.join('') + last + (form === 'json' ? ']}}' : ''));
  parts.length = 0;
  const get = async (url) => ({ status: 200, headers: {}, body: url.endsWith('index.yaml') ? index : Buffer.from(url) });
  const { content } = await fetchFromIndex(get, { repo: 'https://r.example', name: 'web', version: '>=1', authorization: undefined });
  console.log(String(content), /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
`;

test.for([
  ['block', 'many charts', /web-2\.0\.0\.tgz/],
  ['block', 'one chart', /web-1\.\d{5,}\.0\.tgz/],
  ['json', 'many charts', /web-2\.0\.0\.tgz/],
  ['json', 'one chart', /web-1\.\d{5,}\.0\.tgz/],
] as const)(
  'an index in %s with %s is read at 95 percent of its limit with the heap of the container',
  { timeout: 120_000 },
  async ([form, share, address]) => {
    const args = ['--max-old-space-size=512', '--input-type=module', '--eval', SCRIPT, form, share];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(address);
    expect(Number(stdout.trim().split(' ')[1]) / 1024).toBeLessThan(1024);
  },
);

import { gunzipSync } from 'node:zlib';

/** The logs in a ConfigMap that the operator keeps of an attempt, by name: `executor.log`, `fetch.log`. */
export const keptLogs = ({
  binaryData = {},
}: {
  binaryData?: Record<string, string>;
}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(binaryData).map(([name, content]) => [
      name.replace(/\.gz$/, ''),
      gunzipSync(Buffer.from(content, 'base64')).toString('utf8'),
    ]),
  );

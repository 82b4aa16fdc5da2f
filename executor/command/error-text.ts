/** The error that a tool ends with, on one line, without its log lines and the prefixes that say nothing. */
export function errorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(level=|time=|WARNING:|# Warning:)/.test(line));
  const from = lines.findLastIndex((line) => line.startsWith('Error:'));
  return (from < 0 ? lines.slice(-3) : lines.slice(from))
    .join(' ')
    .replace(/^Error: (UPGRADE FAILED: |INSTALLATION FAILED: )?/, '')
    .trim();
}

/** The error that a tool ends with, on one line, without its log lines and the prefixes that say nothing. */
export function errorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(level=|time=|WARNING:|# Warning:|[IWE]\d{4} )/.test(line));
  const from = lines.findLastIndex((line) => /^(Error|error):/.test(line));
  return (from < 0 ? lines.slice(-3) : lines.slice(from))
    .join(' ')
    .replace(/^[Ee]rror: (UPGRADE FAILED: |INSTALLATION FAILED: )?/, '')
    .trim();
}

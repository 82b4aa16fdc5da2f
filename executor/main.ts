import { EXIT, type Report } from '#api/contract/report.ts';
import { conclude } from './conclude.ts';
import { readConfig } from './config.ts';
import { asFailure } from './failure.ts';
import { createLog } from './log/log.ts';
import { createRedactor } from './log/redactor.ts';
import { watchTermination } from './termination.ts';

const HELP = `Usage: node executor/main.ts COMMAND

The program in an executor Job. It takes no flags: what to do is in the Job's Secret and environment.

Commands:
  install   install the plugin of the work order, verify it, report
  fetch     fetch the sources of PINION_FETCH into their directories

Environment:
  PINION_FETCH             what to fetch, as JSON (fetch)
  PINION_POD               the pod's name: who holds the Lease in the target (install)
  PINION_LOG_FORMAT        text (default) or json
  PINION_TERMINATION_LOG   where the report goes, default /dev/termination-log

Exit codes (* = another try may mend it):
${Object.entries(EXIT)
  .map(([reason, { code, retry }]) => `  ${String(code).padStart(3)}${retry ? '*' : ' '} ${reason}`)
  .join('\n')}
`;

const [command, ...rest] = process.argv.slice(2);
if (command === '--help' || command === '-h' || rest.includes('--help')) {
  process.stdout.write(HELP);
  process.exit(0);
}
if ((command !== 'install' && command !== 'fetch') || rest.length > 0) {
  process.stderr.write(
    `unknown arguments "${process.argv.slice(2).join(' ')}"; expected install or fetch\n\n${HELP}`,
  );
  process.exit(EXIT.Usage.code);
}

const config = readConfig(process.env);
const redactor = createRedactor();
const log = createLog({
  format: config.logFormat,
  redactor,
  clock: Date.now,
  write: (line) => process.stdout.write(`${line}\n`),
});
const finish = (report: Report): never =>
  process.exit(conclude({ log, redactor, terminationLog: config.terminationLog }, report));
// What nobody foresaw is one line as well: a stack would tell a user nothing, and could quote a secret.
const onBug = (error: unknown) => {
  const { reason, message } = asFailure(error);
  finish({ step: command, reason, message });
};
process.on('uncaughtException', onBug).on('unhandledRejection', onBug);

const termination = watchTermination(process, log.note);
const deps = { config, log, redactor, termination };
finish(
  command === 'install'
    ? await (await import('./install.ts')).installAndVerify(deps)
    : await (await import('./fetch.ts')).fetchSources(deps),
);

import { EXIT, type Report } from '#api/contract/report.ts';
import { conclude } from './conclude.ts';
import { readConfig } from './config.ts';
import { asFailure } from './failure.ts';
import { createLog } from './log/log.ts';
import { createRedactor } from './log/redactor.ts';
import type { Program } from './program.ts';
import { watchTermination } from './termination.ts';

/** Only the command that is needed is loaded: the program starts with every Job. */
const COMMANDS: Record<string, (program: Program) => Promise<Report>> = {
  run: async (program) => (await import('./actions/actions.ts')).runOrder(program),
  fetch: async (program) => (await import('./fetch/fetch-sources.ts')).fetchSources(program),
};

const HELP = `Usage: node executor/main.ts COMMAND

The program in an executor Job. It takes no flags: what to do is in the Job's Secret and environment.

Commands:
  run     carry out the action of the work order and report
  fetch   fetch the sources of PINION_FETCH into their directories

Environment:
  PINION_FETCH             what to fetch, as JSON (fetch)
  PINION_POD               the pod's name: holder of the Lease in the target cluster (run)
  PINION_LOG_FORMAT        text (default) or json
  PINION_TERMINATION_LOG   where the report goes, default /dev/termination-log

Exit codes (* = retryable):
${Object.entries(EXIT)
  .map(([reason, { code, retry }]) => `  ${String(code).padStart(3)}${retry ? '*' : ' '} ${reason}`)
  .join('\n')}
`;

const [name = '', ...rest] = process.argv.slice(2);
if (name === '--help' || name === '-h' || rest.includes('--help')) {
  process.stdout.write(HELP);
  process.exit(0);
}
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command === undefined || rest.length > 0) {
  process.stderr.write(
    `unknown arguments "${process.argv.slice(2).join(' ')}"; expected run or fetch\n\n${HELP}`,
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
// An unforeseen error is one line as well: a stack would tell a user nothing, and could quote a secret.
const onBug = (error: unknown) => {
  const { reason, message } = asFailure(error);
  finish({ step: name === 'fetch' ? 'fetch' : 'install', reason, message });
};
process.on('uncaughtException', onBug).on('unhandledRejection', onBug);

const termination = watchTermination(process, log.note);
finish(await command({ config, log, redactor, termination }));

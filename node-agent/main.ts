import type { Start } from '#api/command-line.ts';

type Command = (args: readonly string[]) => Start<() => Promise<void>>;

/** Each is loaded only when it runs: the agent on a machine needs nothing of the worker. */
const COMMANDS: Record<string, { about: string; load: () => Promise<Command> }> = {
  worker: {
    about: 'runs in a worker pod: brings its node up and keeps the programs of the node running',
    load: async () => (await import('./worker/command.ts')).workerCommand,
  },
  install: {
    about:
      'runs in a privileged pod on each host node: installs the agent on the machine and keeps it up to date',
    load: async () => (await import('./host/install.ts')).installCommand,
  },
  host: {
    about: 'the agent on a host machine: joins it to managed clusters and returns it to the host cluster',
    load: async () => (await import('./host/host.ts')).hostCommand,
  },
};

const HELP = `Usage: node node-agent/main.ts COMMAND [flags]

Makes a machine or a pod a node of a managed cluster.

Commands:
${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}\n`)
  .join('')}
See node node-agent/main.ts COMMAND --help for the flags of a command.
`;

async function main([name = '', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const expected = Object.keys(COMMANDS).join(', ');
    process.stderr.write(`node-agent: unknown command "${name}"; expected one of ${expected}\n\n${HELP}`);
    return 2;
  }
  const start = (await command.load())(args);
  switch (start.kind) {
    case 'run':
      await start.config();
      return 0;
    case 'exit':
      if (start.code === 0) process.stdout.write(start.stdout);
      else process.stderr.write(`node-agent: ${start.stderr}`);
      return start.code;
  }
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`node-agent: ${(error as Error).message}\n`);
  process.exit(1);
}

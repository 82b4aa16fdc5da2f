import type { Tool } from '../cluster/tools.ts';

/** Prints a line, or several. */
export const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** Runs kubectl and prints the command, as a user would type it, with its output. */
export async function run(kubectl: Tool, args: string[], kubeconfig?: string): Promise<void> {
  const flag = kubeconfig === undefined ? '' : `--kubeconfig ${kubeconfig} `;
  say(`\n$ kubectl ${flag}${args.join(' ')}\n${(await kubectl(args)).trimEnd()}`);
}

/** Applies objects, and takes over fields of other field managers. */
export const apply = (kubectl: Tool, ...objects: object[]): Promise<string> =>
  kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
  });

/** Finds success commands that can't fail, which would verify any plugin. */

/** Commands that practically always exit 0. */
const ALWAYS = /^(true|:|echo|printf|tee|cat|head|tail|sort|uniq|wc|tr|cut|sed|awk|column|sleep|date)\b/;
const COMPOUND = /^(\{|\(|if\b|for\b|while\b|until\b|case\b|!)/;

/** Why the command can't fail, or undefined when it can or when that is unclear. */
export function whyItCannotFail(command: string): string | undefined {
  if (/grep\b[^|;&]*['"]?No resources found/.test(command)) {
    return 'it looks for "No resources found", which kubectl prints to stderr only, so grep never sees it; count the objects instead, like: test "$(kubectl get pods -n web -o name | wc -l)" -gt 0';
  }
  // An earlier command may end the shell with a failure.
  if (/(^|[\s;&|({])(set\s+-[a-z]*e|exit\s+([1-9]|\$))/.test(command)) return undefined;
  const list = lastList(command);
  if (list.length === 0 || canFail(list)) return undefined;
  const last = list.at(-1)?.command ?? '';
  return `it ends with "${last.slice(0, 60)}", so its exit code is always 0; make the check the last command, like: kubectl rollout status deployment/web -n web --timeout=5s`;
}

type Step = { operator: '' | '&&' | '||'; command: string };

/** a && b can fail if one of them can; a || b only if both can. */
function canFail(list: readonly Step[]): boolean {
  return list.reduce((fails, { operator, command }) => {
    const own = commandCanFail(command);
    if (operator === '&&') return fails || own;
    return operator === '||' ? fails && own : own;
  }, false);
}

function commandCanFail(pipeline: string): boolean {
  // A pipe's exit code is that of its last command.
  const last =
    splitOutside(pipeline, /^\|&?(?!\|)/)
      .at(-1)
      ?.text.trim() ?? '';
  if (COMPOUND.test(last)) return true;
  return !(ALWAYS.test(last) || /^exit(\s+0)?$/.test(last));
}

/** The steps of the last list of the script: what its exit code comes from. */
function lastList(script: string): Step[] {
  const lists = splitOutside(script, /^(;|\n|&(?![&>]))/)
    .map(({ text }) => text.trim())
    .filter((text) => text !== '' && !text.startsWith('#'));
  const last = lists.at(-1);
  if (last === undefined || /^(fi|done|esac|\}|\))/.test(last)) return [];
  return splitOutside(last, /^(&&|\|\|)/).map(({ separator, text }) => ({
    operator: separator as Step['operator'],
    command: text.trim(),
  }));
}

/** Quoted and escaped text, which holds no operators. */
const OPAQUE = /^(\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|`[^`]*`)/;

/** Operators of two characters, and redirections whose & is not an operator. */
const PAIR = /^(&&|\|\||[<>]&|&>)/;

/** Splits where the pattern matches outside of quotes and brackets. */
function splitOutside(text: string, pattern: RegExp): { separator: string; text: string }[] {
  const parts = [{ separator: '', text: '' }];
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const opaque = OPAQUE.exec(rest)?.[0];
    const separator = opaque === undefined && depth === 0 ? pattern.exec(rest)?.[0] : undefined;
    const taken = opaque ?? separator ?? PAIR.exec(rest)?.[0] ?? rest.slice(0, 1);
    depth = Math.max(0, depth + depthChange(taken));
    if (separator !== undefined) parts.push({ separator, text: '' });
    else parts.push({ separator: parts.at(-1)?.separator ?? '', text: `${parts.pop()?.text ?? ''}${taken}` });
    at += taken.length;
  }
  return parts;
}

function depthChange(taken: string): number {
  if (taken === '(' || taken === '{') return 1;
  return taken === ')' || taken === '}' ? -1 : 0;
}

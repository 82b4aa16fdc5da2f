import { config } from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// zod/mini is a third of zod to load, and comes without words.
config(en());

/** What is wrong with a document that a schema or a parser refused: one line, without the document's text. */
export function explainParseError(error: unknown): string {
  const { issues, message } = error as {
    issues?: { path: PropertyKey[]; message: string }[];
    message: string;
  };
  const [issue] = issues ?? [];
  if (issue) return `${issue.path.join('.') || 'the document'}: ${issue.message}`;
  return message.split('\n')[0] ?? message;
}

type Texts = Record<string, string>;

/** The decoded data of a Secret; empty when the Secret is missing. */
export const textsIn = (secret: { data?: Texts } | undefined): Texts =>
  mapped(secret?.data ?? {}, (base64) => Buffer.from(base64, 'base64').toString('utf8'));

/** The `data` of a Secret from texts: the reverse of textsIn. */
export const dataOf = (texts: Texts): Texts => mapped(texts, (text) => Buffer.from(text).toString('base64'));

const mapped = (texts: Texts, change: (text: string) => string): Texts =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));

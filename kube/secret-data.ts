type Texts = Record<string, string>;

/** The texts of a Secret; none of one that is not there. */
export const textsIn = (secret: { data?: Texts } | undefined): Texts =>
  mapped(secret?.data ?? {}, (base64) => Buffer.from(base64, 'base64').toString('utf8'));

/** The `data` of a Secret with these texts. */
export const dataOf = (texts: Texts): Texts => mapped(texts, (text) => Buffer.from(text).toString('base64'));

const mapped = (texts: Texts, change: (text: string) => string): Texts =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));

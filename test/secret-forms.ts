/** The characters of base64 that depend on the text alone when `offset` bytes stand before it and others follow. */
function base64At(text: string, offset: number): string {
  const content = Buffer.from(text);
  const after = 3 - ((offset + content.length) % 3); // up to a multiple of 3, so that base64 has no padding
  const encode = (neighbour: number) =>
    Buffer.concat([Buffer.alloc(offset, neighbour), content, Buffer.alloc(after, neighbour)]).toString(
      'base64',
    );
  const [zeros, ones] = [encode(0x00), encode(0xff)];
  return [...zeros].filter((character, index) => character === ones[index]).join('');
}

/** Every form in which a secret may leak: plain, URL-encoded, and base64 at each of the three offsets. */
export const secretForms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  ...[0, 1, 2].map((offset) => base64At(secret, offset)),
];

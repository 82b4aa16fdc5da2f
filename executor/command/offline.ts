/** An address that nothing listens on. */
const NOWHERE = 'http://127.0.0.1:9';

/** Environment of a tool that has no business with any network: what slips through the checks gets nowhere. */
export const OFFLINE = { HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, ALL_PROXY: NOWHERE };

/**
 * The same for a tool that speaks with the target: with no other host. Helm, for one, fetches what `$ref` in a
 * chart's values.schema.json names, and any client follows a redirect.
 */
export function offlineBut(server: string): Record<string, string> {
  return { ...OFFLINE, NO_PROXY: new URL(server).hostname.replace(/^\[|\]$/g, '') };
}

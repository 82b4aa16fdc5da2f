import {
  binaryTag,
  boolYaml11Tag,
  CORE_SCHEMA,
  floatYaml11Tag,
  intYaml11Tag,
  load,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
} from 'js-yaml';

/** Kubernetes reads times and dates as text: YAML 1.1 without timestamps and numbers to the base of 60. */
const notBase60 = (tag: typeof intYaml11Tag): typeof intYaml11Tag => ({
  ...tag,
  resolve: (source, ...rest) => (source.includes(':') ? NOT_RESOLVED : tag.resolve(source, ...rest)),
});
const KUBERNETES_SCHEMA = CORE_SCHEMA.withTags(
  boolYaml11Tag,
  notBase60(intYaml11Tag),
  notBase60(floatYaml11Tag),
  mergeTag,
  binaryTag,
);
const OPTIONS = { schema: KUBERNETES_SCHEMA, json: true };

/**
 * Reads a document nearly as kubectl and Helm do: merge keys, `no` as false, dates as text, the last of two equal keys. It
 * is for what Pinion itself needs to know of a text. What reaches a target is read by their own code.
 * @throws YAMLException
 */
export const readYaml = (text: string): unknown => load(text, OPTIONS);

/** The same for a text of any number of documents; comments alone are none. @throws YAMLException */
export const readAllYaml = (text: string): unknown[] => loadAll(text, OPTIONS);

/**
 * JSON for a reader of YAML. JSON is YAML but for a few characters that YAML wants escaped, and it keeps types that a writer
 * of YAML might quote differently.
 */
export const escapeForYaml = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A value as JSON for a reader of YAML. */
export const jsonForYaml = (value: unknown): string => escapeForYaml(JSON.stringify(value));

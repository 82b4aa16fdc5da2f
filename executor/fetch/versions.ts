import semver from 'semver';
import { Failure } from '../failure.ts';

/**
 * Picks the version that Helm would: the one that is literally asked for, else the highest in the range, else
 * (nothing asked) the highest that is no pre-release. Pre-releases take part when the range has one.
 * @throws Failure `SourceInvalid` that names some of the versions there are
 */
export function chooseVersion(what: string, versions: readonly string[], wanted: string | undefined): string {
  const literal = versions.find((version) => version === wanted);
  if (literal !== undefined) return literal;
  const range = (wanted ?? '*').replaceAll(',', ' ').replaceAll(/([<>=~^])\s+/g, '$1');
  if (semver.validRange(range, { loose: true }) === null) {
    throw new Failure(
      'SourceInvalid',
      `${what}: "${wanted}" is neither a version nor a range like ^1.2 or ">=1.2, <2"`,
    );
  }
  const includePrerelease = /[0-9]-[0-9A-Za-z]/.test(range);
  const matching = versions.filter(
    (version) =>
      semver.valid(version, { loose: true }) !== null &&
      semver.satisfies(version, range, { loose: true, includePrerelease }),
  );
  const [best] = sorted(matching);
  if (best !== undefined) return best;
  const some = sorted(versions.filter((version) => semver.valid(version, { loose: true }) !== null)).slice(
    0,
    5,
  );
  throw new Failure(
    'SourceInvalid',
    `${what} has no version ${wanted ?? 'that is not a pre-release'}; it has ${some.join(', ') || 'none'}${versions.length > some.length ? ' and others' : ''}`,
  );
}

const sorted = (versions: readonly string[]) =>
  [...versions].sort((a, b) => semver.rcompare(a, b, { loose: true }));

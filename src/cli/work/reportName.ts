import { hashOf } from '../../store/hash.ts';

/** Longer names are cut: 255 bytes are the most that a file system takes. */
const LONGEST_NAME = 120;

/**
 * A report's name without its ending: "decision", and with "--only a b", "--threads 2"
 * "decision.only-a+b.threads-2": a part's answer never replaces the whole study's.
 */
export function reportName(stem: string, overrides: readonly string[]): string {
  const parts = overrides.map((flag) =>
    flag
      .replace(/^--/, '')
      .replace(' ', '-')
      .replaceAll(/[^\w.-]+/g, '+'),
  );
  const name = [stem, ...parts].join('.');
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}-${hashOf([...overrides]).slice(0, 12)}`;
}

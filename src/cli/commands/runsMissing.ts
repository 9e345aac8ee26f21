import { formatDuration } from '../progress.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { renderTable } from '../tables.ts';
import { findNeeds, type Need } from '../work/runsMissing.ts';
import { openSession } from '../work/session.ts';
import { shortHash } from '../../shared/units.ts';

export interface RunsMissingArgs extends CommonArgs {
  readonly threads: number | undefined;
  readonly check: boolean;
}

/** `beltbench runs missing`: what `run` would have to measure and evaluate, and how long that takes. */
export async function runRunsMissing(args: RunsMissingArgs, io: Io): Promise<Outcome> {
  const session = await openSession(args, io);
  const needs = await findNeeds(session);
  const missing = needs.filter(({ record_id: id }) => id === null);
  const known = missing.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  const seconds = known.reduce((sum, each) => sum + each, 0);
  const { file } = session.study;
  return {
    document: {
      command: 'runs missing',
      story: file.story,
      notice: file.notice ?? null,
      missing: missing.length,
      seconds: known.length === missing.length ? seconds : null,
      needs,
    },
    text: `${file.notice === undefined ? '' : `${file.notice}\n`}${renderTable(['candidate', 'what', 'key', 'state', 'takes about'], needs.map(cells))}${describe(needs.length, missing.length, known.length, seconds)}\n`,
    exitCode: args.check && missing.length > 0 ? 3 : 0,
  };
}

function cells({ candidate, kind, key, record_id: id, reason, seconds }: Need): string[] {
  const takes = seconds === null ? 'not known' : formatDuration(seconds * 1000);
  return [candidate, kind, shortHash(key), reason ?? `stored: ${id ?? ''}`, id === null ? takes : ''];
}

function describe(needs: number, missing: number, known: number, seconds: number): string {
  if (missing === 0) {
    return `nothing is missing; \`beltbench run\` reuses all ${needs}`;
  }
  const time = formatDuration(seconds * 1000);
  const all = known === missing ? `about ${time}` : known === 0 ? 'a time not known yet' : `more than ${time}`;
  return `${missing} of ${needs} missing; \`beltbench run\` makes them in ${all}, beside loading the models`;
}

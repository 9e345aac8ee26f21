import type { Decision } from '../records/decision.ts';
import type { Verdict } from '../records/judgement.ts';
import type { ExitCode } from './io.ts';
import type { Result } from './results.ts';

/** The exit code of a decision: 0 a selection stands, 1 no candidate passes, 3 NOT ENOUGH DATA. */
export function exitCodeOfDecision(verdict: Decision['verdict']): ExitCode {
  const codes = { SELECTED: 0, NO_CANDIDATE_PASSES: 1, NOT_ENOUGH_DATA: 3 } as const;
  return codes[verdict];
}

/** A model that cannot be run is to be mended; of one whose process was lost nothing is known yet. */
export function exitCodeOfResults(results: readonly Result[], verdicts: readonly Verdict[], check: boolean): ExitCode {
  if (results.some(({ failure }) => failure !== null)) {
    return 2;
  }
  return results.some(({ lost }) => lost !== null) ? 3 : exitCodeOfVerdicts(verdicts, check);
}

/** With `--check`, the worst verdict counts: a FAIL before a doubt. */
export function exitCodeOfVerdicts(verdicts: readonly Verdict[], check: boolean): ExitCode {
  if (!check) {
    return 0;
  }
  if (verdicts.includes('FAIL')) {
    return 1;
  }
  return verdicts.includes('NOT_ENOUGH_DATA') ? 3 : 0;
}

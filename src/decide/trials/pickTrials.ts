import { hint } from '../../config/hint.ts';
import { BeltbenchError } from '../../shared/errors.ts';

/**
 * The trials that `--only` names: by `BACKBONE/TRIAL`, or all of a backbone. No name means all.
 *
 * @throws BeltbenchError `bad_usage` for a name that none of them has
 */
export function pickTrials<Trial extends { readonly backbone: string }>(
  trials: readonly Trial[],
  only: readonly string[],
  nameOf: (trial: Trial) => string,
): readonly Trial[] {
  if (only.length === 0) {
    return trials;
  }
  const idOf = (trial: Trial): string => `${trial.backbone}/${nameOf(trial)}`;
  const known = new Set(trials.flatMap((trial) => [trial.backbone, idOf(trial)]));
  const strange = only.find((name) => !known.has(name));
  if (strange !== undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `--only names \`${strange}\`, which is no BACKBONE/TRIAL and no backbone of the search${hint(strange, [...known])}`,
    );
  }
  return trials.filter((trial) => only.includes(trial.backbone) || only.includes(idOf(trial)));
}

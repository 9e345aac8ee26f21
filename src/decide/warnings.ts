import type { StudyFile } from '../config/studySchema.ts';
import type { Warning } from '../records/common.ts';
import type { CandidateDecision, Decision } from '../records/decision.ts';
import { countOf, formatShare } from '../shared/units.ts';
import { complement } from '../stats/complement.ts';
import { datasetFacts, datasetWarnings, targetWarnings } from './dataset.ts';
import type { DecisionInput } from './inputs.ts';

/** Every doubt in one list, those of the whole first; a candidate's own carry its id. */
export function collectWarnings(
  input: DecisionInput,
  candidates: readonly CandidateDecision[],
  selectorWarnings: readonly Warning[],
): Decision['warnings'] {
  const general: Warning[] = [
    ...input.warnings,
    ...targetWarnings(input.study.dataset),
    ...(input.dataset === undefined ? [] : datasetWarnings(datasetFacts(input.dataset))),
    ...warnOfSeveralCertified(input.study, candidates),
    ...selectorWarnings,
    ...warnOfOptions(input.study, candidates),
  ];
  const own = candidates.flatMap(({ id, warnings, latency, accuracy }) =>
    [...warnings, ...(latency?.warnings ?? []), ...(accuracy?.warnings ?? [])].map((warning) => ({
      ...warning,
      candidate: id,
    })),
  );
  return [...general.map((warning) => ({ ...warning, candidate: null })), ...own];
}

/** Without a letter at any candidate the story's options stand without evidence. */
function warnOfOptions({ options }: StudyFile, candidates: readonly CandidateDecision[]): Warning[] {
  return Object.keys(options).length === 0 || candidates.some(({ option }) => option !== null)
    ? []
    : [
        {
          code: 'options_without_candidates',
          message: `no candidate (${candidates.map(({ id }) => id).join(', ')}) says which option it belongs to, so none has evidence: write \`option\` at the candidates of the study`,
        },
      ];
}

/** Certifying several models on the same images spends the error several times (methods.md C4). */
function warnOfSeveralCertified(
  { thresholds, dataset }: StudyFile,
  candidates: readonly CandidateDecision[],
): Warning[] {
  const certified = candidates.filter(({ sweep }) => sweep?.certificate.state === 'certified').length;
  if (certified < 2) {
    return [];
  }
  const together = Math.max(0, 1 - certified * complement(thresholds.confidence));
  return [
    {
      code: 'several_certified',
      message: `${countOf(certified, 'candidate')} certified on the same ${dataset.target_class} images: each holds with ${formatShare(thresholds.confidence, 0)} confidence alone, all together only with ${formatShare(together, 0)}; confirm the selected one on fresh images`,
    },
  ];
}

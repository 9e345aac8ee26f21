import type { OpenQuestion } from '../config/modelCard.ts';
import type { StudyFile } from '../config/studySchema.ts';
import type { ModelSummary, Warning } from '../records/common.ts';
import { countOf } from '../shared/units.ts';
import type { CandidateInput } from './inputs.ts';
import { warnOfSkippedRuns } from './runs.ts';
import { claimedSize, sameSize, sizeText } from './sizes.ts';

/** The doubts about a candidate's card, model file, claims and stored runs. */
export function candidateWarnings(candidate: CandidateInput, study: StudyFile): Warning[] {
  return [
    ...candidate.warnings,
    ...openQuestionWarnings(candidate.openQuestions),
    ...(candidate.model === undefined ? [] : modelWarnings(candidate.model)),
    ...claimWarnings(candidate),
    ...warnOfSkippedRuns(candidate.latencyRecords, study),
  ];
}

/** What a card leaves open is asked in every report until somebody answers. */
export function openQuestionWarnings(questions: readonly OpenQuestion[]): Warning[] {
  return questions.map(({ question }) => ({ code: 'open_question', message: question }));
}

function modelWarnings({ subnormal_weights: subnormal, nonfinite_weights: nonfinite }: ModelSummary): Warning[] {
  const warnings: Warning[] = [];
  if (subnormal > 0) {
    warnings.push({
      code: 'subnormal_weights',
      message: `${countOf(subnormal, 'subnormal weight')} can slow inference tenfold: set them to zero and export again`,
    });
  }
  if (nonfinite > 0) {
    warnings.push({
      code: 'nonfinite_weights',
      message: `${countOf(nonfinite, 'weight')} NaN or infinite: the file is broken; export it again`,
    });
  }
  return warnings;
}

function claimWarnings({ claims, inputSize }: CandidateInput): Warning[] {
  const claimed = claimedSize(claims);
  return claimed === undefined || inputSize === undefined || sameSize(claimed, inputSize)
    ? []
    : [
        {
          code: 'claim_at_other_input_size',
          message: `its claimed latency was taken at ${sizeText(claimed)}, it runs at ${sizeText(inputSize)}: the claim cannot be compared`,
        },
      ];
}

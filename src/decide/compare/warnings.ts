import type { Warning } from '../../records/common.ts';
import type { ComparedReference, Comparison } from '../../records/comparison.ts';
import { countOf } from '../../shared/units.ts';
import { datasetFacts, datasetWarnings, targetWarnings } from '../dataset.ts';
import { pairAnswers } from './answers.ts';
import type { ComparedModel, ComparisonInput } from './inputs.ts';

/** Every doubt in one list, those of the whole first; a model's own carry its id. */
export function comparisonWarnings(
  input: ComparisonInput,
  judged: readonly ComparedReference[],
): Comparison['warnings'] {
  const models = [input.reference, ...input.variants];
  const own = models.flatMap((compared, index) =>
    [
      ...compared.warnings,
      ...(judged[index]?.latency?.warnings ?? []),
      ...(judged[index]?.accuracy?.warnings ?? []),
      ...warnOfIsa(compared, input),
      ...warnOfUnmatched(compared, input),
    ].map((warning) => ({ ...warning, candidate: compared.id })),
  );
  const general = [
    ...input.warnings,
    ...targetWarnings(input.study.dataset),
    ...datasetWarnings(datasetFacts(input.dataset)),
  ];
  return [...general.map((warning) => ({ ...warning, candidate: null })), ...own];
}

/** Integer kernels differ between instruction sets: such answers are those of another machine. */
function warnOfIsa({ evaluation, model }: ComparedModel, { hostClass }: ComparisonInput): Warning[] {
  const elsewhere = evaluation !== undefined && !sameIsa(evaluation.isa, hostClass.isa);
  return elsewhere && model.int8_weight_share > 0
    ? [
        {
          code: 'other_isa',
          message: `its predictions are of a host with other instruction sets (${evaluation.isa.join(' ') || 'none listed'}), where INT8 answers may differ: run \`beltbench evaluate\` here`,
        },
      ]
    : [];
}

function sameIsa(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function warnOfUnmatched(compared: ComparedModel, { reference }: ComparisonInput): Warning[] {
  if (compared === reference || reference.predictions === undefined || compared.predictions === undefined) {
    return [];
  }
  const both = pairAnswers(reference.predictions, compared.predictions).length;
  const lacking = Math.max(reference.predictions.ids.length, compared.predictions.ids.length) - both;
  return lacking > 0
    ? [
        {
          code: 'unmatched_images',
          message: `${countOf(lacking, 'image')} that only one of the two models answered left out of the comparison`,
        },
      ]
    : [];
}

import type { ComparedReference, ComparedVariant, Comparison } from '../../records/comparison.ts';
import type { LatencyJudgement } from '../../records/judgement.ts';
import { judgeAccuracy } from '../accuracy.ts';
import { aggregateRuns } from '../aggregate.ts';
import { datasetFacts } from '../dataset.ts';
import { latencyDemand } from '../demands.ts';
import { judgeLatency } from '../latency.ts';
import { rolesOf } from '../scores.ts';
import { pairAnswers } from './answers.ts';
import { listFlips, probabilityChange } from './flips.ts';
import type { ComparedModel, ComparisonInput } from './inputs.ts';
import { comparisonRules } from './rules.ts';
import { judgeSaturation } from './saturation.ts';
import { accuracyQuestion, failedShare, judgeShare, recallQuestion, type Question } from './shares.ts';
import { failedSpeed, judgeSpeed } from './speed.ts';
import { comparisonWarnings } from './warnings.ts';

/** Holds the variants of a network against their reference: speed, accuracy, recall, flips, saturation. */
export function compare(input: ComparisonInput): Comparison {
  const { study, reference, variants } = input;
  const { root, target_class: target } = study.dataset;
  const { split, fingerprint, images } = datasetFacts(input.dataset);
  const judgedReference = describeModel(reference, input);
  const judgedVariants = variants.map((variant) => judgeVariant(variant, input));
  return {
    schema: 'beltbench/comparison',
    version: 1,
    story: study.story,
    notice: study.notice ?? null,
    group: input.group,
    reference: judgedReference,
    variants: judgedVariants,
    rules: comparisonRules(input.accuracyMargin, target),
    target_class: target,
    threads: study.benchmarking.threads,
    host_class: input.hostClass,
    dataset: { root, split, fingerprint, images },
    warnings: comparisonWarnings(input, [judgedReference, ...judgedVariants]),
    reproduce: {
      commands: [...input.commands],
      tool_version: input.toolVersion,
      records: [reference, ...variants].flatMap(recordsOf),
    },
  };
}

function judgeVariant(variant: ComparedModel, input: ComparisonInput): ComparedVariant {
  const { reference, study, accuracyMargin } = input;
  const roles = rolesOf(study.dataset);
  const latencyFailure = variant.latencyFailure ?? ofReference(reference.latencyFailure);
  const evaluationFailure = variant.evaluationFailure ?? ofReference(reference.evaluationFailure);
  const answers = pairAnswers(reference.predictions, variant.predictions);
  const judge = (question: Question) =>
    evaluationFailure === undefined ? judgeShare(answers, question, accuracyMargin) : failedShare(evaluationFailure);
  return {
    ...describeModel(variant, input),
    speed:
      latencyFailure === undefined
        ? judgeSpeed(reference.run, variant.run, study.benchmarking.rounds)
        : failedSpeed(latencyFailure),
    accuracy_difference: judge(accuracyQuestion(roles)),
    recall_difference: judge(recallQuestion(roles)),
    flips: listFlips(answers, roles),
    probability_change: probabilityChange(answers),
    saturation: judgeSaturation(input.saturation, variant.pairSums),
  };
}

function ofReference(failure: string | undefined): string | undefined {
  return failure === undefined ? undefined : `the reference: ${failure}`;
}

function describeModel(compared: ComparedModel, input: ComparisonInput): ComparedReference {
  const { id, status, model, evaluation } = compared;
  return {
    id,
    status: status ?? null,
    model,
    failure: [compared.latencyFailure, compared.evaluationFailure].find((reason) => reason !== undefined) ?? null,
    latency: latencyOf(compared, input) ?? null,
    accuracy: (evaluation && judgeAccuracy(evaluation, rolesOf(input.study.dataset))) ?? null,
  };
}

/** Of the one run that the comparison rests on, not of an aggregate. */
function latencyOf({ run }: ComparedModel, { study }: ComparisonInput): LatencyJudgement | undefined {
  const runs = run && aggregateRuns([run.record], 'latest');
  return runs && run && judgeLatency(runs, run.samples, latencyDemand(study), 'latest');
}

function recordsOf({ id, run, evaluation }: ComparedModel): Comparison['reproduce']['records'] {
  const latency = run?.record;
  return [
    ...(latency === undefined
      ? []
      : [{ candidate: id, kind: 'latency', record_id: latency.record_id, key: latency.benchmark_key }]),
    ...(evaluation?.status === 'finished'
      ? [{ candidate: id, kind: 'evaluation', record_id: evaluation.record_id, key: evaluation.predictions_key }]
      : []),
  ];
}

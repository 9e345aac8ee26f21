import type { StudyFile } from '../config/studySchema.ts';
import type { Warning } from '../records/common.ts';
import type { CandidateDecision } from '../records/decision.ts';
import type { LatencyRecord } from '../records/latency.ts';
import { countOf } from '../shared/units.ts';
import { judgeAccuracy } from './accuracy.ts';
import { aggregateRuns, type AggregatedRuns } from './aggregate.ts';
import { comparabilityGate, type CommonGround } from './comparability.ts';
import { combine, latencyGate, recallGate } from './gates.ts';
import type { CandidateInput } from './inputs.ts';
import { judgeLatency, type LatencyDemand } from './latency.ts';
import { sweepPredictions, type RecallDemand } from './sweep.ts';

export function latencyDemand(study: StudyFile): LatencyDemand {
  const { budget_ms: budgetMs, required_share: requiredShare, confidence } = study.line;
  return { budgetMs, requiredShare, confidence };
}

export function recallDemand(study: StudyFile): RecallDemand {
  const {
    target_recall: targetRecall,
    confidence,
    max_false_reject_rate: maxFalseRejectRate,
    production,
  } = study.thresholds;
  return { targetRecall, confidence, maxFalseRejectRate, production };
}

/**
 * The runs that stand for a candidate: those that share the benchmark key of its latest finished
 * record, preferably on the given host class. Records that lack a required metric do not count.
 */
export function representativeRuns(
  records: readonly LatencyRecord[],
  study: StudyFile,
  hostClass: string | undefined,
): AggregatedRuns | undefined {
  const required = study.benchmark.required_metrics;
  const finished = records.filter(
    (record) => record.status === 'finished' && required.every((name) => record.metrics[name] !== undefined),
  );
  const onHost = finished.filter((record) => record.key_parts.host_class === hostClass);
  const key = (onHost.at(-1) ?? finished.at(-1))?.benchmark_key;
  return aggregateRuns(
    finished.filter((record) => record.benchmark_key === key),
    study.benchmark.latency_aggregation,
  );
}

/** One candidate through the three gates. */
export function judgeCandidate(candidate: CandidateInput, study: StudyFile, ground: CommonGround): CandidateDecision {
  const runs = representativeRuns(candidate.latencyRecords, study, ground.hostClass);
  const samples = runs === undefined ? undefined : candidate.samples.get(runs.representative.record_id);
  const latency =
    runs === undefined || samples === undefined
      ? undefined
      : judgeLatency(runs, samples, latencyDemand(study), study.benchmark.latency_aggregation);
  const { evaluation, predictions } = candidate;
  const target = study.dataset.target_class;
  const accuracy = evaluation === undefined ? undefined : judgeAccuracy(evaluation, target);
  const sweep =
    evaluation === undefined || predictions === undefined
      ? undefined
      : sweepPredictions(evaluation, predictions, { target, maybe: study.dataset.maybe_class }, recallDemand(study));
  const failed = candidate.latencyRecords.findLast(({ status }) => status === 'failed');
  const gates = [
    latencyGate(latency, latencyDemand(study), failed?.failure ?? undefined),
    recallGate(sweep, recallDemand(study), target, evaluation?.failure ?? undefined),
    comparabilityGate(candidate, runs?.representative, ground),
  ];
  return {
    id: candidate.id,
    backbone: candidate.backbone,
    trial_name: candidate.trialName,
    option: candidate.option ?? null,
    status: candidate.status ?? null,
    claims: claimsOf(candidate),
    model: candidate.model ?? null,
    input_size: candidate.inputSize ?? null,
    trained_input_size: candidate.trainedInputSize ?? null,
    verdict: combine(gates.map(({ verdict }) => verdict)),
    gates,
    latency: latency ?? null,
    accuracy: accuracy ?? null,
    sweep: sweep ?? null,
    warnings: [...candidate.warnings, ...modelWarnings(candidate)],
  };
}

function claimsOf({ claims, claimsSource }: CandidateInput): CandidateDecision['claims'] {
  const size = claims.input_size;
  return {
    accuracy: claims.accuracy ?? null,
    target_recall: claims.target_recall ?? null,
    latency_ms: claims.latency_ms ?? null,
    size_mb: claims.size_mb ?? null,
    input_size:
      size === undefined
        ? null
        : typeof size === 'number'
          ? { height: size, width: size }
          : { height: size[0], width: size[1] },
    note: claims.note ?? null,
    source: claimsSource ?? null,
  };
}

function modelWarnings({ model, claims, inputSize }: CandidateInput): Warning[] {
  const warnings: Warning[] = [];
  if (model !== undefined && model.subnormal_weights > 0) {
    warnings.push({
      code: 'subnormal_weights',
      message: `${countOf(model.subnormal_weights, 'weight')} are subnormal numbers, which can slow inference tenfold: set them to zero and export again`,
    });
  }
  if (model !== undefined && model.nonfinite_weights > 0) {
    warnings.push({
      code: 'nonfinite_weights',
      message: `${countOf(model.nonfinite_weights, 'weight')} are NaN or infinite: the file is broken; export it again`,
    });
  }
  const claimed = claims.input_size;
  const claimedSize = claimed === undefined ? undefined : typeof claimed === 'number' ? [claimed, claimed] : claimed;
  if (
    claimedSize !== undefined &&
    inputSize !== undefined &&
    (claimedSize[0] !== inputSize.height || claimedSize[1] !== inputSize.width)
  ) {
    warnings.push({
      code: 'claim_at_other_input_size',
      message: `its claimed latency was measured at ${claimedSize.join('x')}, it runs at ${inputSize.height}x${inputSize.width}: the claim cannot be compared`,
    });
  }
  return warnings;
}

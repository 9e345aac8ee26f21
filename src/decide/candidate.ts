import type { StudyFile } from '../config/studySchema.ts';
import type { CandidateDecision, Gate } from '../records/decision.ts';
import type { LatencyJudgement } from '../records/judgement.ts';
import type { Sweep } from '../records/sweep.ts';
import { judgeAccuracy } from './accuracy.ts';
import type { AggregatedRuns } from './aggregate.ts';
import { candidateWarnings } from './candidateWarnings.ts';
import type { CommonGround } from './commonGround.ts';
import { comparabilityGate } from './comparability.ts';
import { latencyDemand, recallDemand } from './demands.ts';
import { combine, latencyGate, notEnough, recallGate, type Obstacle } from './gates.ts';
import type { CandidateInput } from './inputs.ts';
import { judgeLatency } from './latency.ts';
import { representativeRuns, whyNotMeasured } from './runs.ts';
import { rolesOf } from './scores.ts';
import { claimedSize } from './sizes.ts';
import { sweepPredictions } from './sweep.ts';

/** One candidate through the three gates. */
export function judgeCandidate(candidate: CandidateInput, study: StudyFile, ground: CommonGround): CandidateDecision {
  const { evaluation, latencyRecords } = candidate;
  const target = study.dataset.target_class;
  const runs = representativeRuns(latencyRecords, study, ground.hostClass);
  const latency = latencyOf(candidate, runs, study);
  const sweep = sweepOf(candidate, study);
  const gates = [
    latencyGate(latency, latencyDemand(study), whyNotMeasured(latencyRecords, study)),
    doubtedByCard(recallGate(sweep, recallDemand(study), target, whyNotEvaluated(candidate)), sweep, candidate),
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
    contract: contractOf(candidate),
    verdict: combine(gates.map(({ verdict }) => verdict)),
    gates,
    latency: latency ?? null,
    accuracy: (evaluation && judgeAccuracy(evaluation, rolesOf(study.dataset))) ?? null,
    sweep: sweep ?? null,
    warnings: candidateWarnings(candidate, study),
  };
}

function latencyOf(
  { samples }: CandidateInput,
  runs: AggregatedRuns | undefined,
  study: StudyFile,
): LatencyJudgement | undefined {
  const raw = runs && samples.get(runs.representative.record_id);
  return raw && judgeLatency(runs, raw, latencyDemand(study), study.benchmark.latency_aggregation);
}

function sweepOf({ id, evaluation, predictions }: CandidateInput, study: StudyFile): Sweep | undefined {
  return evaluation === undefined || predictions === undefined
    ? undefined
    : sweepPredictions(evaluation, predictions, rolesOf(study.dataset), recallDemand(study), id);
}

function whyNotEvaluated({ evaluation }: CandidateInput): Obstacle {
  const failure = evaluation?.failure ?? undefined;
  return failure === undefined
    ? { kind: 'missing', reason: 'not evaluated', needs: 'run `beltbench evaluate`' }
    : { kind: 'failed', reason: `the evaluation failed: ${failure}` };
}

/** A model that was fed or read by a guess may be better than its answers: nothing is refuted then. */
function doubtedByCard(gate: Gate, sweep: Sweep | undefined, { openQuestions }: CandidateInput): Gate {
  const guessed = openQuestions.filter(({ key }) => key !== 'trained_input_size').map(({ key }) => `\`${key}\``);
  return gate.verdict === 'FAIL' && sweep !== undefined && guessed.length > 0
    ? notEnough('recall', {
        reason: `${gate.reason}; but the model card leaves ${guessed.join(' and ')} open, and a wrong guess there may be the cause`,
        needs: `answer ${guessed.join(' and ')} in the model card and run \`beltbench evaluate\``,
      })
    : gate;
}

function contractOf({ classes, preprocessing, openQuestions }: CandidateInput): CandidateDecision['contract'] {
  return {
    classes: [...classes],
    preprocessing,
    assumed: openQuestions.flatMap(({ key }) => (key === 'trained_input_size' ? [] : [key])),
  };
}

function claimsOf({ claims, claimsSource }: CandidateInput): CandidateDecision['claims'] {
  return {
    accuracy: claims.accuracy ?? null,
    target_recall: claims.target_recall ?? null,
    latency_ms: claims.latency_ms ?? null,
    size_mb: claims.size_mb ?? null,
    input_size: claimedSize(claims) ?? null,
    note: claims.note ?? null,
    source: claimsSource ?? null,
  };
}

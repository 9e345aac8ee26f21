import type { StudyFile } from '../config/studySchema.ts';
import type { CandidateDecision, Decision, Pair } from '../records/decision.ts';
import { tickBoxes } from './acceptance.ts';
import { listAssumptions } from './assumptions.ts';
import { judgeCandidate } from './candidate.ts';
import { type CommonGround, findCommonGround } from './commonGround.ts';
import { datasetFacts } from './dataset.ts';
import type { CandidateInput, DecisionInput } from './inputs.ts';
import { metricOf } from './metrics.ts';
import { type ClassRoles, rolesOf } from './scores.ts';
import { nearestMisses } from './nearestMisses.ts';
import { judgeOptions } from './options.ts';
import { compareOnImages } from './pairs.ts';
import { reproduceWith } from './reproduce.ts';
import { lacksRequiredMetric, representativeRuns } from './runs.ts';
import { selectBest, type SelectionResult } from './selector.ts';
import { collectWarnings } from './warnings.ts';

/**
 * The decision: three gates per candidate, then the selector among those that pass all. If none
 * does but some are undecided, the selector's answer among these is provisional. Same records in,
 * same decision out, in whatever order the records come.
 *
 * @throws BeltbenchError `bad_record` when stored samples or predictions are damaged
 */
export function decide(input: DecisionInput): Decision {
  const { study } = input;
  const ground = findCommonGround(input.candidates, study.benchmarking.threads);
  const candidates = input.candidates.map((candidate) => judgeCandidate(candidate, study, ground));
  const { verdict, selection } = choose(candidates, input, ground);
  const selected = selection?.selectedId;
  const provisional = verdict === 'NOT_ENOUGH_DATA' && selection !== undefined;
  return {
    schema: 'beltbench/decision',
    version: 1,
    story: study.story,
    title: study.title ?? null,
    notice: study.notice ?? null,
    verdict,
    selected: selected ?? null,
    provisional,
    overrides: [...input.overrides],
    needs: verdict === 'NOT_ENOUGH_DATA' ? needsOf(candidates) : [],
    nearest_misses: verdict === 'NO_CANDIDATE_PASSES' ? nearestMisses(candidates) : [],
    best_configuration: selection?.configuration ?? null,
    pairs: pairsOf(selected, input.candidates, rolesOf(study.dataset)),
    line: lineOf(input),
    candidates,
    options: judgeOptions(study, candidates, selected, provisional),
    dataset: input.dataset === undefined ? null : datasetFacts(input.dataset),
    warnings: collectWarnings(input, candidates, selection?.warnings ?? []),
    assumptions: listAssumptions(input),
    acceptance: tickBoxes(study, verdict),
    next_actions: study.next_actions.map(({ text, owner, due }) => ({ text, owner: owner ?? null, due: due ?? null })),
    discussion: study.discussion.map(({ question, answer }) => ({ question, answer: answer ?? null })),
    documentation: study.documentation,
    reproduce: reproduceWith(input, candidates, ground),
  };
}

/** What FAILs a gate is out; what is undecided can only be chosen provisionally. */
function choose(
  candidates: readonly CandidateDecision[],
  input: DecisionInput,
  ground: CommonGround,
): { verdict: Decision['verdict']; selection: SelectionResult | undefined } {
  const among = (verdict: CandidateDecision['verdict']): SelectionResult | undefined =>
    select(
      candidates.filter((candidate) => candidate.verdict === verdict),
      input,
      ground,
    );
  const selection = among('PASS');
  if (selection !== undefined) {
    return { verdict: 'SELECTED', selection };
  }
  return candidates.some(({ verdict }) => verdict !== 'FAIL')
    ? { verdict: 'NOT_ENOUGH_DATA', selection: among('NOT_ENOUGH_DATA') }
    : { verdict: 'NO_CANDIDATE_PASSES', selection: undefined };
}

/**
 * The selector of rules.md 1 among those that have a value of the metric and all required metrics. A
 * latency that was taken elsewhere or with other threads is none beside those of the rest.
 */
function select(
  eligible: readonly CandidateDecision[],
  { study, candidates }: DecisionInput,
  ground: CommonGround,
): SelectionResult | undefined {
  const { metric, ...rules } = study.selection;
  const inputs = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  return selectBest(
    eligible.flatMap((candidate) => {
      const input = inputs.get(candidate.id);
      const accuracy = metricOf(candidate, metric);
      const latency = input !== undefined && isTimedLikeTheRest(input, study, ground) ? candidate.latency : null;
      return accuracy === undefined || input === undefined || lacksRequiredMetric(input.latencyRecords, study)
        ? []
        : [
            {
              id: candidate.id,
              backbone: candidate.backbone,
              trialName: candidate.trial_name,
              accuracy,
              latencyMs: latency?.mean_ms,
              benchmarkRuns: latency?.runs_count,
              parameters: input.parameters,
              fields: { candidate_id: candidate.id },
            },
          ];
    }),
    {
      metric,
      accuracyThreshold: rules.accuracy_threshold,
      useRelativeThreshold: rules.use_relative_threshold,
      minAccuracyGain: rules.min_accuracy_gain,
    },
  );
}

function isTimedLikeTheRest({ latencyRecords }: CandidateInput, study: StudyFile, ground: CommonGround): boolean {
  const record = representativeRuns(latencyRecords, study, ground.hostClass)?.representative;
  return record?.key_parts.host_class === ground.hostClass && record?.settings.threads === ground.threads;
}

function needsOf(candidates: readonly CandidateDecision[]): string[] {
  return candidates
    .filter(({ verdict }) => verdict === 'NOT_ENOUGH_DATA')
    .flatMap(({ id, gates }) =>
      gates.flatMap(({ gate, needs }) => (needs === null ? [] : [`${id}, ${gate}: ${needs}`])),
    );
}

/** The selected candidate against every other one: information, whatever the selector said. */
function pairsOf(selectedId: string | undefined, candidates: readonly CandidateInput[], roles: ClassRoles): Pair[] {
  const selected = candidates.find(({ id }) => id === selectedId)?.predictions;
  return candidates.flatMap(({ id, predictions }) => {
    const pair =
      selected === undefined || predictions === undefined || id === selectedId
        ? undefined
        : compareOnImages(selected, predictions, id, roles);
    return pair === undefined ? [] : [pair];
  });
}

/** What the line demands, as the report shows it. */
function lineOf({ study: { line, thresholds, dataset }, unstated }: DecisionInput): Decision['line'] {
  return {
    budget_ms: line.budget_ms,
    required_share: line.required_share,
    confidence: line.confidence,
    items_per_second: line.items_per_second ?? null,
    target_class: dataset.target_class,
    maybe_class: dataset.maybe_class ?? null,
    target_recall: thresholds.target_recall,
    recall_confidence: thresholds.confidence,
    max_false_reject_rate: thresholds.max_false_reject_rate,
    production: thresholds.production,
    unstated: [...unstated],
  };
}

import type { CandidateDecision, Decision, Gate, Pair } from '../records/decision.ts';
import type { Verdict } from '../records/judgement.ts';
import { tickBoxes } from './acceptance.ts';
import { judgeCandidate } from './candidate.ts';
import { findCommonGround } from './comparability.ts';
import type { CandidateInput, DecisionInput } from './inputs.ts';
import { judgeOptions } from './options.ts';
import { compareOnImages } from './pairs.ts';
import { selectBest, type SelectionResult } from './selector.ts';
import { assumptionsOf, datasetFacts, lineOf, recordsOf, warningsOf } from './facts.ts';

/**
 * The decision: three gates per candidate, then the selector among those that pass all. If none
 * does but some are undecided, the selector's answer among these is provisional. Same records in,
 * same decision out.
 */
export function decide(input: DecisionInput): Decision {
  const { study } = input;
  const ground = findCommonGround(input.candidates, study.benchmarking.threads);
  const candidates = input.candidates.map((candidate) => judgeCandidate(candidate, study, ground));
  const passing = withVerdict(candidates, 'PASS');
  const undecided = withVerdict(candidates, 'NOT_ENOUGH_DATA');
  const provisional = passing.length === 0 && undecided.length > 0;
  const selection = select(passing.length > 0 ? passing : undecided, input);
  const verdict = passing.length > 0 ? 'SELECTED' : provisional ? 'NOT_ENOUGH_DATA' : 'NO_CANDIDATE_PASSES';
  return {
    schema: 'beltbench/decision',
    version: 1,
    story: study.story,
    title: study.title ?? null,
    notice: study.notice ?? null,
    verdict,
    selected: selection?.selectedId ?? null,
    provisional,
    needs: provisional ? needsOf(undecided) : [],
    nearest_misses: verdict === 'NO_CANDIDATE_PASSES' ? nearestMisses(candidates) : [],
    best_configuration: selection?.configuration ?? null,
    pairs: pairsOf(selection?.selectedId, input.candidates),
    line: lineOf(study),
    candidates,
    options: judgeOptions(study, candidates, selection?.selectedId, provisional),
    dataset: datasetFacts(input),
    warnings: warningsOf(input, candidates, selection?.warnings ?? []),
    assumptions: assumptionsOf(study, candidates),
    acceptance: tickBoxes(study, verdict),
    next_actions: study.next_actions.map(({ text, owner, due }) => ({ text, owner: owner ?? null, due: due ?? null })),
    discussion: study.discussion.map(({ question, answer }) => ({ question, answer: answer ?? null })),
    documentation: study.documentation,
    reproduce: recordsOf(input, candidates),
  };
}

function withVerdict(candidates: readonly CandidateDecision[], verdict: Verdict): CandidateDecision[] {
  return candidates.filter((candidate) => candidate.verdict === verdict);
}

/** The selector of rules.md 1 among candidates that have a value of the metric. */
function select(eligible: readonly CandidateDecision[], input: DecisionInput): SelectionResult | undefined {
  const { selection } = input.study;
  const parameters = new Map(input.candidates.map((candidate) => [candidate.id, candidate.parameters]));
  return selectBest(
    eligible.flatMap((candidate) => {
      const value = metricOf(candidate, selection.metric, input.study.dataset.target_class);
      return value === undefined
        ? []
        : [
            {
              id: candidate.id,
              backbone: candidate.backbone,
              trialName: candidate.trial_name,
              accuracy: value,
              latencyMs: candidate.latency?.mean_ms,
              parameters: parameters.get(candidate.id),
              fields: { candidate_id: candidate.id },
            },
          ];
    }),
    {
      accuracyThreshold: selection.accuracy_threshold,
      useRelativeThreshold: selection.use_relative_threshold,
      minAccuracyGain: selection.min_accuracy_gain,
      metric: selection.metric,
    },
  );
}

function metricOf(candidate: CandidateDecision, metric: string, targetClass: string): number | undefined {
  const { accuracy } = candidate;
  switch (metric) {
    case 'accuracy':
      return accuracy?.accuracy.value ?? undefined;
    case 'macro-f1':
      return accuracy?.macro_f1 ?? undefined;
    case 'balanced_accuracy':
      return accuracy?.balanced_accuracy ?? undefined;
    case 'target_recall':
      return accuracy?.per_class.find((entry) => entry.class === targetClass)?.recall.value ?? undefined;
    default:
      return undefined;
  }
}

function needsOf(undecided: readonly CandidateDecision[]): string[] {
  return undecided.flatMap((candidate) =>
    candidate.gates.flatMap(({ gate, needs }) => (needs === null ? [] : [`${candidate.id}, ${gate}: ${needs}`])),
  );
}

/** Per gate that fails somewhere, the candidate that is nearest to passing it. */
function nearestMisses(candidates: readonly CandidateDecision[]): Decision['nearest_misses'] {
  return (['latency', 'recall', 'comparability'] as const).flatMap((name) => {
    const failing = candidates.flatMap((candidate) =>
      candidate.gates.flatMap((gate) => (gate.gate === name && gate.verdict === 'FAIL' ? [{ candidate, gate }] : [])),
    );
    const nearest = failing.toSorted((a, b) => excessOf(a.gate) - excessOf(b.gate))[0];
    return nearest === undefined ? [] : [{ gate: name, candidate: nearest.candidate.id, reason: nearest.gate.reason }];
  });
}

function excessOf(gate: Gate): number {
  return gate.excess ?? Infinity;
}

function pairsOf(selectedId: string | undefined, candidates: readonly CandidateInput[]): Pair[] {
  const selected = candidates.find(({ id }) => id === selectedId)?.predictions;
  if (selected === undefined) {
    return [];
  }
  return candidates.flatMap((candidate) => {
    const pair =
      candidate.id === selectedId || candidate.predictions === undefined
        ? undefined
        : compareOnImages(selected, candidate.predictions, candidate.id);
    return pair === undefined ? [] : [pair];
  });
}

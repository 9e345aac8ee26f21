import type { StudyFile } from '../config/studySchema.ts';
import type { CandidateDecision, OptionDecision } from '../records/decision.ts';
import type { LatencyJudgement } from '../records/judgement.ts';
import { formatMs, formatMsInterval, formatShare, formatShareInterval } from '../shared/units.ts';

/** The story's options, each with the verdict that its candidates' records support. */
export function judgeOptions(
  study: StudyFile,
  candidates: readonly CandidateDecision[],
  selected: string | undefined,
  provisional: boolean,
): OptionDecision[] {
  const letters = new Set([
    ...Object.keys(study.options),
    ...candidates.flatMap(({ option }) => (option === null ? [] : [option])),
  ]);
  return [...letters].toSorted().map((letter) => {
    const stated = study.options[letter];
    const own = candidates.filter(({ option }) => option === letter);
    return {
      option: letter,
      what: stated?.what ?? own.map(({ id }) => id).join(', '),
      for: stated?.for ?? [],
      against: stated?.against ?? [],
      effort: stated?.effort ?? null,
      candidates: own.map(({ id }) => id),
      verdict: optionVerdict(own, selected, provisional),
      evidence: own.map(evidenceOf),
    };
  });
}

function optionVerdict(
  own: readonly CandidateDecision[],
  selected: string | undefined,
  provisional: boolean,
): OptionDecision['verdict'] {
  if (own.length === 0) {
    return 'no_candidate';
  }
  const measured = own.filter(({ latency, accuracy }) => latency !== null || accuracy !== null);
  if (own.some(({ id }) => id === selected)) {
    return provisional ? 'PROVISIONAL' : 'SELECTED';
  }
  if (measured.length === 0) {
    return 'not_measured';
  }
  const order = ['PASS', 'NOT_ENOUGH_DATA', 'FAIL'] as const;
  return order.find((verdict) => measured.some((candidate) => candidate.verdict === verdict)) ?? 'not_measured';
}

function evidenceOf(candidate: CandidateDecision): string {
  const { accuracy, latency } = candidate;
  const parts = [
    accuracy === null
      ? 'accuracy not measured'
      : `accuracy ${formatShare(accuracy.accuracy.value)}${accuracy.accuracy.interval === null ? '' : ` (95 %: ${formatShareInterval(accuracy.accuracy.interval)})`}`,
    latency === null ? 'latency not measured' : `mean latency ${formatMs(latency.mean_ms)}${roundsOf(latency)}`,
    ...candidate.gates.map(({ gate, verdict }) => `${gate} ${verdict.replaceAll('_', ' ')}`),
  ];
  return `${candidate.id}: ${parts.join(', ')}`;
}

function roundsOf({ rounds_spread_ms: spread }: LatencyJudgement): string {
  return spread === null ? '' : ` (rounds ${formatMsInterval(spread)})`;
}

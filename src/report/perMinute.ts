import type { CandidateDecision, Decision } from '../records/decision.ts';
import { formatCount, formatShare } from '../shared/units.ts';
import { certifiedPoint, certifyingTargets, outOf, statedShare } from './figures.ts';
import { isSingle } from './thresholdTexts.ts';

/** The candidate's rates as what a minute at the belt would see; empty when its speed is not known. */
export function perMinute(candidate: CandidateDecision, line: Decision['line']): string[] {
  if (line.items_per_second === null) {
    return [];
  }
  const items = line.items_per_second * 60;
  const pace = `At ${formatCount(line.items_per_second)} items a second (${amount(items)} a minute)`;
  return [
    ...late(candidate, line, items).map((text) => `${pace} ${text}`),
    ...rejected(candidate, line, items),
    ...reviewed(candidate, line, items),
    ...escaping(candidate, line),
  ];
}

function late({ latency }: CandidateDecision, line: Decision['line'], items: number): string[] {
  return latency === null || latency.miss_rate_upper === null
    ? []
    : [
        `up to ${atMost(latency.miss_rate_upper * items)} a minute may take longer than ${line.budget_ms} ms (${statedShare(line.confidence)} confidence; ${outOf(latency.over_budget, latency.n)} did).`,
      ];
}

function rejected(candidate: CandidateDecision, line: Decision['line'], items: number): string[] {
  const point = certifiedPoint(candidate);
  if (point === undefined || point.false_reject_rate === null || point.false_reject_interval === null) {
    return [];
  }
  const [lower, upper] = point.false_reject_interval;
  return [
    `If hardly any of them is ${line.target_class}, about ${amount(point.false_reject_rate * items)} a minute would be rejected at the certified threshold (95 %: ${amount(lower * items)} to ${amount(upper * items)}).`,
  ];
}

/** The images' mix is seldom the belt's, so it is named. */
function reviewed({ sweep }: CandidateDecision, { target_class: target }: Decision['line'], items: number): string[] {
  if (sweep === null) {
    return [];
  }
  const { targets, others, production } = sweep;
  const perMinuteOf = (count: number, all: number, interval: readonly [number, number] | null): string =>
    `${amount((count / all) * items)}${interval === null ? '' : ` (95 %: ${amount(interval[0] * items)} to ${amount(interval[1] * items)})`}`;
  const band = sweep.review_band === null || isSingle(sweep.review_band) ? null : sweep.review_band;
  return [
    `In the mix of the images (${formatShare(targets / (targets + others), 0)} ${target}) about ${perMinuteOf(production.reviewed, targets + others, production.reviewed_interval)} a minute would go to review at the production setting${band === null ? '' : `, ${perMinuteOf(band.reviewed, certifyingTargets(sweep) + others, band.reviewed_interval)} with the review band`}; a belt with fewer ${target} sends fewer.`,
  ];
}

function escaping(candidate: CandidateDecision, line: Decision['line']): string[] {
  const bound = certifiedPoint(candidate)?.recall_lower_bound ?? null;
  return bound === null
    ? []
    : [
        `Of 1,000 ${line.target_class} on the belt at most ${atMost((1 - bound) * 1000)} would escape on average (${statedShare(line.recall_confidence)} confidence).`,
      ];
}

/** Two digits below ten, whole numbers above. */
function amount(value: number): string {
  return value < 10 ? String(Number(value.toPrecision(2))) : formatCount(Math.round(value));
}

/** The same for a bound, rounded up. */
function atMost(value: number): string {
  return value < 10 ? String(Math.ceil(value * 10) / 10) : formatCount(Math.ceil(value));
}

import type { CandidateDecision, Decision } from '../records/decision.ts';
import type { OperatingPoint, ReviewBand, Sweep } from '../records/sweep.ts';
import { formatAtLeast, formatCount } from '../shared/units.ts';
import { certifyingTargets, countedRate, outOf, statedShare } from './figures.ts';
import { code, strong, type Inline } from './mdast.ts';
import { bandTargetText, isSingle, lowText } from './thresholdTexts.ts';

interface Certified {
  readonly sweep: Sweep;
  readonly point: OperatingPoint;
  readonly band: ReviewBand;
}

/** In words, what to set on the line for the selected candidate, and what that did on the images. */
export function whatToSet(decision: Decision, selected: CandidateDecision | undefined): Inline[] {
  const { line, provisional } = decision;
  if (selected === undefined) {
    return ['Nothing is selected, so there is nothing to set.'];
  }
  const { sweep } = selected;
  if (sweep === null || sweep.review_band === null || sweep.certificate.state === 'not_enough_data') {
    return ['No threshold can be recommended for ', code(selected.id), `: ${lackOf(sweep, line)}.`];
  }
  const { certificate, review_band: band } = sweep;
  const set = isSingle(band) ? oneThreshold : twoThresholds;
  return [
    ...(provisional ? ['If it is to be ', code(selected.id), ', set: '] : ['Set for ', code(selected.id), ': ']),
    ...set({ sweep, point: certificate.point, band }, line),
    ` The certified recall is at least ${formatAtLeast(certificate.point.recall_lower_bound)} at ${statedShare(line.recall_confidence)} confidence (${outOf(certificate.allowed_misses, certificate.point.targets)} may be missed for ${statedShare(line.target_recall)}).`,
  ];
}

function lackOf(sweep: Sweep | null, { target_class: target, target_recall: floor }: Decision['line']): string {
  if (sweep === null || sweep.certificate.state === 'certified') {
    return 'it is not evaluated';
  }
  const { needed, targets } = sweep.certificate;
  return `${formatCount(needed)} ${target} images are needed to certify ${statedShare(floor)} recall, there are ${formatCount(targets)}`;
}

/** The certified threshold rejects the fewest; today's upper threshold can turn rejects into reviews. */
function oneThreshold(
  { sweep, point, band }: Certified,
  { target_class: target, production, unstated }: Decision['line'],
): Inline[] {
  const sentences = [`On the images ${onImages(sweep, point.misses, point.false_rejects, target)}.`];
  if (point.threshold !== null && point.threshold < production.target) {
    const rejected = sweep.production.false_rejects;
    sentences.push(
      `With review from there and ${target} only from ${unstated.includes('thresholds.production.target') ? 'the assumed' : "today's"} ${production.target} as many escape, ${others(rejected, sweep)} rejected and ${formatCount(point.false_rejects - rejected)} reviewed, with the ${target} between the two.`,
    );
  }
  if (band.target_from !== point.threshold) {
    sentences.push(
      `On these images both limits are also proven to hold at any lower threshold down to ${bandTargetText(sweep, band)}, where ${onImages(sweep, band.escapes, band.false_rejects, target)}.`,
    );
  }
  return [strong(`${target} from a score of ${lowText(point.threshold)}, no review.`), ` ${sentences.join(' ')}`];
}

function twoThresholds({ sweep, band }: Certified, { target_class: target }: Decision['line']): Inline[] {
  return [
    strong(`review from a score of ${lowText(band.maybe_from)}, ${target} from ${bandTargetText(sweep, band)}.`),
    ` On the images ${onImages(sweep, band.escapes, band.false_rejects, target)}; ${countedRate(band.reviewed, certifyingTargets(sweep) + sweep.others, band.reviewed_interval)} go to review.`,
  ];
}

function onImages(sweep: Sweep, escapes: number, falseRejects: number, target: string): string {
  return `${outOf(escapes, certifyingTargets(sweep))} ${target} ${escapes === 1 ? 'escapes' : 'escape'} and ${others(falseRejects, sweep)} rejected`;
}

function others(count: number, sweep: Sweep): string {
  return `${outOf(count, sweep.others)} others ${count === 1 ? 'is' : 'are'}`;
}

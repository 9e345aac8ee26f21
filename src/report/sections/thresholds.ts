import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import type { Sweep } from '../../records/sweep.ts';
import { formatAtLeast, formatCount, formatShare, NOT_MEASURED } from '../../shared/units.ts';
import { outOf, rateWithInterval, selectedOf, statedShare } from '../figures.ts';
import { bullets, code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';
import { perMinute } from '../perMinute.ts';
import { bandTargetText, isSingle, lowText } from '../thresholdTexts.ts';
import { whatToSet } from '../whatToSet.ts';

/** What to set on the line, and what each setting would do on the images. */
export function thresholds(decision: Decision): RootContent[] {
  const { line, candidates } = decision;
  const selected = selectedOf(decision);
  const rates = selected === undefined ? [] : perMinute(selected, line);
  return [
    heading(2, 'Thresholds'),
    paragraph(...whatToSet(decision, selected)),
    ...(rates.length === 0 ? [] : [bullets(rates)]),
    table(
      [
        left('Model'),
        left('Setting'),
        right('Review from'),
        right(`${line.target_class} from`),
        right('Escapes'),
        right('Recall'),
        right('Certified'),
        right('False rejects'),
        right('Reviews'),
      ],
      candidates.flatMap((candidate) => rowsOf(candidate, line)),
    ),
    paragraph(
      `Escapes are ${line.target_class} images below every threshold, false rejects are others that are called ${line.target_class}, reviews go to a worker. ${settingsOf(candidates)}. What guards recall is rounded down, what guards against false rejects up; \`decision.json\` has all digits.`,
    ),
  ];
}

/** What the rows' names mean, of those that stand in the table. */
function settingsOf(candidates: readonly CandidateDecision[]): string {
  const singles = new Set(candidates.flatMap(({ sweep }) => (sweep === null ? [] : [isOneThreshold(sweep)])));
  return [
    'Certified is the highest threshold that holds the recall floor',
    ...(singles.has(true) ? ['lowest allowed the lowest within the limit on false rejects'] : []),
    ...(singles.has(false)
      ? ['where that rejects more than the limit on false rejects, the review band keeps both with the fewest reviews']
      : []),
  ].join('; ');
}

function rowsOf({ id, sweep }: CandidateDecision, line: Decision['line']): Line[][] {
  if (sweep === null) {
    return [[code(id), 'all', ...Array<string>(7).fill(NOT_MEASURED)]];
  }
  return [argmaxRow(sweep, line), productionRow(sweep), certifiedRow(sweep), bandRow(sweep, line)].map((row) => [
    code(id),
    ...row,
  ]);
}

function argmaxRow({ argmax: point }: Sweep, { maybe_class: maybe }: Decision['line']): Line[] {
  return [
    'argmax',
    maybe === null ? 'none' : 'argmax',
    'argmax',
    outOf(point.misses, point.targets),
    rateWithInterval(point.recall, point.recall_interval),
    atLeast(point.recall_lower_bound),
    rejects(point.false_rejects, point.others),
    maybe === null ? 'none' : 'not counted',
  ];
}

function productionRow({ production: point, targets, others }: Sweep): Line[] {
  return [
    'production',
    String(point.maybe_from),
    String(point.target_from),
    outOf(point.misses, targets),
    rateWithInterval(point.recall, point.recall_interval),
    atLeast(point.recall_lower_bound),
    rejects(point.false_rejects, others),
    reviews(point.reviewed, targets + others),
  ];
}

function certifiedRow({ certificate }: Sweep): Line[] {
  if (certificate.state === 'not_enough_data') {
    const lacking = `needs ${formatCount(certificate.more)} more images`;
    return ['certified', 'none', lacking, ...Array<string>(5).fill('not enough images')];
  }
  const { point } = certificate;
  return [
    'certified',
    'none',
    lowText(point.threshold),
    outOf(point.misses, point.targets),
    rateWithInterval(point.recall, point.recall_interval),
    atLeast(point.recall_lower_bound),
    rejects(point.false_rejects, point.others),
    'none',
  ];
}

function isOneThreshold({ review_band: band }: Sweep): boolean {
  return band !== null && isSingle(band);
}

/** The band keeps within the certified number of escapes, so the floor holds for it. */
function bandRow(sweep: Sweep, line: Decision['line']): Line[] {
  const { review_band: band, targets, others } = sweep;
  if (band === null) {
    return ['review band', ...Array<string>(7).fill('not enough images')];
  }
  return [
    isSingle(band) ? 'lowest allowed' : 'review band',
    isSingle(band) ? 'none' : lowText(band.maybe_from),
    bandTargetText(sweep, band),
    outOf(band.escapes, targets),
    formatShare((targets - band.escapes) / targets),
    `the ${statedShare(line.target_recall)} hold`,
    rejects(band.false_rejects, others),
    reviews(band.reviewed, targets + others),
  ];
}

function atLeast(bound: number | null): string {
  return bound === null ? NOT_MEASURED : `at least ${formatAtLeast(bound)}`;
}

function rejects(count: number, others: number): string {
  return `${outOf(count, others)} = ${formatShare(count / others, 1)}`;
}

function reviews(count: number, all: number): string {
  return count === 0 ? 'none' : `${outOf(count, all)} = ${formatShare(count / all, 1)}`;
}

import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import type { Sweep } from '../../records/sweep.ts';
import { countOf, formatAtLeast, NOT_MEASURED } from '../../shared/units.ts';
import {
  certifyingTargets,
  countedRate,
  falseRejects,
  outOf,
  rateWithInterval,
  selectedOf,
  statedShare,
} from '../figures.ts';
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
        right('Certified, at least'),
        right('False rejects'),
        right('Reviews'),
      ],
      candidates.flatMap((candidate) => rowsOf(candidate, line)),
    ),
    paragraph(
      `Escapes are ${line.target_class} images below every threshold, false rejects are others that are called ${line.target_class}, reviews go to a worker; in brackets are 95 % intervals (Clopper-Pearson), what is certified holds at ${statedShare(line.recall_confidence)} confidence. ${settingsOf(candidates)}. What guards recall is rounded down, what guards against false rejects up; \`decision.json\` has all digits.`,
    ),
  ];
}

/** What the rows' names mean, of those that stand in the table. */
function settingsOf(candidates: readonly CandidateDecision[]): string {
  const singles = new Set(candidates.flatMap(({ sweep }) => (sweep === null ? [] : [isOneThreshold(sweep)])));
  return [
    'Certified is the highest threshold that holds the recall floor',
    ...(singles.has(true)
      ? ['lowest allowed the lowest that is proven to stay within the limit on false rejects']
      : []),
    ...(singles.has(false)
      ? [
          'where that rejects more than is proven to stay within the limit, the review band keeps both limits, proven, with the fewest reviews; a review is no reject, but the recall gate counts one threshold alone',
        ]
      : []),
  ].join('; ');
}

function rowsOf({ id, sweep }: CandidateDecision, line: Decision['line']): Line[][] {
  if (sweep === null) {
    return [[code(id), 'all', ...Array<string>(7).fill(NOT_MEASURED)]];
  }
  return [argmaxRow(sweep, line), productionRow(sweep), certifiedRow(sweep, line), bandRow(sweep, line)].map((row) => [
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
    formatAtLeast(point.recall_lower_bound),
    falseRejects(point),
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
    formatAtLeast(point.recall_lower_bound),
    countedRate(point.false_rejects, others, point.false_reject_interval),
    countedRate(point.reviewed, targets + others, point.reviewed_interval),
  ];
}

function certifiedRow({ certificate }: Sweep, { target_class: target }: Decision['line']): Line[] {
  if (certificate.state === 'not_enough_data') {
    const lacking = `needs ${countOf(certificate.more, `more ${target} image`)}`;
    return ['certified', 'none', lacking, ...Array<string>(5).fill('not enough images')];
  }
  const { point } = certificate;
  return [
    'certified',
    'none',
    lowText(point.threshold),
    outOf(point.misses, point.targets),
    rateWithInterval(point.recall, point.recall_interval),
    formatAtLeast(point.recall_lower_bound),
    falseRejects(point),
    'none',
  ];
}

function isOneThreshold({ review_band: band }: Sweep): boolean {
  return band !== null && isSingle(band);
}

/** The band keeps within the certified number of escapes, so the floor holds for it. */
function bandRow(sweep: Sweep, line: Decision['line']): Line[] {
  const { review_band: band, others } = sweep;
  const targets = certifyingTargets(sweep);
  if (band === null) {
    return ['review band', ...Array<string>(7).fill('not enough images')];
  }
  return [
    isSingle(band) ? 'lowest allowed' : 'review band',
    isSingle(band) ? 'none' : lowText(band.maybe_from),
    bandTargetText(sweep, band),
    outOf(band.escapes, targets),
    rateWithInterval((targets - band.escapes) / targets, band.recall_interval),
    statedShare(line.target_recall),
    countedRate(band.false_rejects, others, band.false_reject_interval),
    isSingle(band) ? 'none' : countedRate(band.reviewed, targets + others, band.reviewed_interval),
  ];
}

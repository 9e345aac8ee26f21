import type { RootContent } from 'mdast';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import { formatMegabytes, formatMs, formatShare } from '../../shared/units.ts';
import { meanText, proportionText, sentence, sizeText } from '../figures.ts';
import { bullets, code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';

type Claim = Exclude<keyof CandidateDecision['claims'], 'input_size' | 'note' | 'source'>;

/** What was claimed of the models, beside what was measured. A claim decides nothing. */
export function claims({ candidates, line }: Decision): RootContent[] {
  const rows = candidates.flatMap((candidate) => rowsOf(candidate, line.target_class));
  const notes = candidates.flatMap(noteOf);
  return [
    heading(2, 'Claims beside measurements'),
    rows.length === 0
      ? paragraph('Nothing was claimed of these models.')
      : table([left('Model'), left('Figure'), right('Measured'), left('Claimed')], rows),
    ...(notes.length === 0 ? [] : [bullets(notes)]),
  ];
}

interface Figure {
  readonly title: string;
  readonly measured: string;
  /** `null`: nothing is. */
  readonly claimed: string | null;
}

const FIGURES: Readonly<Record<Claim, (candidate: CandidateDecision, targetClass: string) => Figure>> = {
  accuracy: ({ accuracy, claims: claimed }) => ({
    title: 'Accuracy',
    measured: proportionText(accuracy?.accuracy),
    claimed: claimed.accuracy === null ? null : formatShare(claimed.accuracy),
  }),
  target_recall: ({ accuracy, claims: claimed }, targetClass) => ({
    title: `Recall of ${targetClass}`,
    measured: proportionText(accuracy?.target_recall),
    claimed: claimed.target_recall === null ? null : formatShare(claimed.target_recall),
  }),
  latency_ms: (candidate) => ({
    title: 'Mean latency',
    measured: meanText(candidate.latency),
    claimed: latencyClaim(candidate),
  }),
  size_mb: ({ model, claims: claimed }) => ({
    title: 'Size',
    measured: formatMegabytes(model?.file_size_bytes),
    claimed: claimed.size_mb === null ? null : formatMegabytes(claimed.size_mb * 1e6),
  }),
};

function rowsOf(candidate: CandidateDecision, targetClass: string): Line[][] {
  return Object.values(FIGURES).flatMap((figureOf) => {
    const { title, measured, claimed } = figureOf(candidate, targetClass);
    return claimed === null ? [] : [[code(candidate.id), title, measured, claimed]];
  });
}

/** A latency means nothing without the input size it was measured at. */
function latencyClaim({ claims: claimed, input_size: own }: CandidateDecision): string | null {
  if (claimed.latency_ms === null) {
    return null;
  }
  const latency = formatMs(claimed.latency_ms);
  if (claimed.input_size === null) {
    return `${latency} (input size not said)`;
  }
  const size = sizeText(claimed.input_size);
  return own === null || size === sizeText(own)
    ? `${latency} (at ${size})`
    : `${latency} (at ${size}; it runs at ${sizeText(own)})`;
}

function noteOf({ id, claims: claimed }: CandidateDecision): Line[] {
  const texts = [
    ...(claimed.note === null ? [] : [sentence(claimed.note)]),
    ...(claimed.source === null ? [] : [`Source: ${sentence(claimed.source)}`]),
  ];
  return texts.length === 0 ? [] : [[code(id), `: ${texts.join(' ')}`]];
}

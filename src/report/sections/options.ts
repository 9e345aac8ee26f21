import type { RootContent } from 'mdast';
import type { Decision, OptionDecision } from '../../records/decision.ts';
import { bullets, enumerate, heading, left, paragraph, strong, table } from '../mdast.ts';
import { OPTION_VERDICTS } from '../wordings.ts';

/** The story's options: what the records say of each, and what speaks for and against it. */
export function options({ options: all }: Decision): RootContent[] {
  return [
    heading(2, 'Options'),
    ...(all.length === 0
      ? [paragraph('The study names no options.')]
      : [
          table(
            [left('Option'), left('Verdict'), left('Effort'), left('Candidates')],
            all.map((option) => [
              option.option,
              OPTION_VERDICTS[option.verdict],
              effortOf(option),
              option.candidates.length === 0 ? 'none' : enumerate(option.candidates),
            ]),
          ),
          ...all.flatMap(detailsOf),
        ]),
  ];
}

function detailsOf(option: OptionDecision): RootContent[] {
  return [
    heading(3, `Option ${option.option}: ${OPTION_VERDICTS[option.verdict]}`),
    ...(option.what.trim() === '' ? [] : [paragraph(option.what)]),
    bullets([
      [strong('For:'), ` ${reasonsOf(option.for)}`],
      [strong('Against:'), ` ${reasonsOf(option.against)}`],
      [strong('Effort:'), ` ${effortOf(option)}`],
      [strong('Evidence:'), ` ${evidenceOf(option)}`],
    ]),
  ];
}

/** A model may have been measured and not say which option it belongs to. */
function evidenceOf({ verdict, evidence }: OptionDecision): string {
  return verdict === 'no_candidate'
    ? 'no candidate belongs to it (`candidates.option` in the study)'
    : evidence.join('; ');
}

function effortOf({ effort }: OptionDecision): string {
  return effort ?? 'not estimated';
}

function reasonsOf(reasons: readonly string[]): string {
  return reasons.length === 0 ? 'nothing stated' : reasons.join('; ');
}

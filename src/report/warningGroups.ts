import type { Decision } from '../records/decision.ts';
import { groupTexts } from './groupTexts.ts';

/** One doubt, and the candidates that share it; none where it is about the whole. */
export interface WarningGroup {
  readonly message: string;
  readonly candidates: readonly string[];
}

/** Every doubt once, with the range of its figures, in the order of the decision: those of the whole first. */
export function groupWarnings({ warnings }: Pick<Decision, 'warnings'>): WarningGroup[] {
  return groupTexts(warnings.map(({ code, message, candidate }) => ({ kind: code, text: message, candidate })))
    .map(({ text, candidates }) => ({ message: text, candidates }))
    .toSorted((a, b) => Number(a.candidates.length > 0) - Number(b.candidates.length > 0));
}

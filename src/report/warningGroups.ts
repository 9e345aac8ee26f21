import type { Decision } from '../records/decision.ts';

/** One doubt, and the candidates that share it; none where it is about the whole. */
export interface WarningGroup {
  readonly message: string;
  readonly candidates: readonly string[];
}

/** Every doubt once, in the order of the decision: those of the whole first. */
export function groupWarnings({ warnings }: Pick<Decision, 'warnings'>): WarningGroup[] {
  const general = new Set<string>();
  const own = new Map<string, Set<string>>();
  for (const { candidate, message } of warnings) {
    if (candidate === null) {
      general.add(message);
    } else {
      own.set(message, (own.get(message) ?? new Set()).add(candidate));
    }
  }
  return [
    ...[...general].map((message) => ({ message, candidates: [] })),
    ...[...own].map(([message, candidates]) => ({ message, candidates: [...candidates] })),
  ];
}

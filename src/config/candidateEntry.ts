import { stringify } from 'yaml';

/** What a study says of a candidate at the least, and which network it is a variant of. */
export interface CandidateEntry {
  readonly id: string;
  readonly card: string;
  readonly group: string;
}

/** The entry as a line of the study file. */
export function candidateEntryLine({ id, card, group }: CandidateEntry): string {
  return `- ${stringify({ id, card, group }, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`;
}

/** What of a candidate says which group it belongs to, and as what. */
export interface Grouped {
  readonly id: string;
  readonly group: string;
  readonly isReference: boolean;
}

/** The candidates by group, groups and members in the study's order. */
export function groupCandidates<T extends Grouped>(candidates: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const candidate of candidates) {
    const members = groups.get(candidate.group);
    if (members === undefined) {
      groups.set(candidate.group, [candidate]);
    } else {
      members.push(candidate);
    }
  }
  return groups;
}

/** What is wrong with the references that the study names, in words. */
export function referenceProblem(candidates: readonly Grouped[]): string | undefined {
  for (const [group, members] of groupCandidates(candidates)) {
    const named = members.filter(({ isReference }) => isReference).map(({ id }) => id);
    if (named.length > 1) {
      return `a group has one candidate with \`reference: true\`, received ${named.join(', ')} in group \`${group}\`; keep it at one of them, or give the others a \`group\` of their own`;
    }
  }
  return undefined;
}

import { groupCandidates } from '../../config/groups.ts';
import { hint } from '../../config/hint.ts';
import type { Candidate } from '../../config/study.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { PreparedCandidate } from './prepare.ts';

/** Variants of one network, and the one that the others are held against. */
export interface ComparedGroup {
  readonly name: string;
  readonly reference: PreparedCandidate;
  readonly variants: readonly PreparedCandidate[];
}

/**
 * The candidates that a comparison may be about: those of the group that was asked for, or of every
 * group of two or more.
 *
 * @throws BeltbenchError `bad_usage` when there is no such group, it holds one candidate, or none holds two
 */
export function candidatesToCompare(candidates: readonly Candidate[], wanted: string | undefined): Candidate[] {
  const groups = groupCandidates(candidates);
  if (wanted === undefined) {
    const large = [...groups.values()].filter((members) => members.length > 1);
    if (large.length === 0) {
      throw new BeltbenchError(
        'bad_usage',
        `a comparison takes two candidates of one group, and the study has none (groups: ${[...groups.keys()].join(', ')}); give a model and its variants the same \`group\`, or make a variant with \`beltbench quantize\``,
      );
    }
    return large.flat();
  }
  const members = groups.get(wanted);
  if (members === undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `--group names \`${wanted}\`, which is no group of the study${hint(wanted, [...groups.keys()])}`,
    );
  }
  if (members.length === 1) {
    throw new BeltbenchError(
      'bad_usage',
      `a comparison takes two candidates or more, and group \`${wanted}\` holds ${members[0]?.id} alone; add its variant to the study, with \`group: ${wanted}\` (\`beltbench quantize\` makes one)`,
    );
  }
  return [...members];
}

/**
 * The groups with their references: the candidate that the study names, or else the only one without
 * INT8 weights. Where no group was asked for, one without an INT8 variant and without a named
 * reference is no comparison, but two networks of one kind.
 *
 * @throws BeltbenchError `bad_study` when a group's reference is not clear; `bad_card` when a variant
 *   cannot be held against it; `bad_usage` when nothing is left
 */
export function groupsToCompare(prepared: readonly PreparedCandidate[], wanted: string | undefined): ComparedGroup[] {
  const byId = new Map(prepared.map((entry) => [entry.candidate.id, entry]));
  const groups = [...groupCandidates(prepared.map(({ candidate }) => candidate))]
    .map(([name, members]) => ({ name, members: members.flatMap(({ id }) => byId.get(id) ?? []) }))
    .filter(({ members }) => wanted !== undefined || members.some(isReference) || members.some(hasInt8))
    .map(({ name, members }) => withReference(name, members));
  if (groups.length === 0) {
    throw new BeltbenchError(
      'bad_usage',
      'no group of the study holds an INT8 variant or a candidate with `reference: true`; name the group with --group, or make a variant with `beltbench quantize`',
    );
  }
  for (const { reference, variants } of groups) {
    for (const variant of variants) {
      assertComparable(variant, reference);
    }
  }
  return groups;
}

function isReference({ candidate }: PreparedCandidate): boolean {
  return candidate.isReference;
}

function hasInt8({ model }: PreparedCandidate): boolean {
  return model.int8_weight_share > 0;
}

function withReference(name: string, members: readonly PreparedCandidate[]): ComparedGroup {
  const float = members.filter((member) => !hasInt8(member));
  const reference = members.find(isReference) ?? (float.length === 1 ? float[0] : undefined);
  if (reference === undefined) {
    const found = float.map(({ candidate }) => candidate.id).join(', ') || 'none';
    throw new BeltbenchError(
      'bad_study',
      `group \`${name}\` must have one candidate without INT8 weights to compare the others with, received ${found}; write \`reference: true\` at one of ${members.map(({ candidate }) => candidate.id).join(', ')}, or give those that do not belong together a \`group\` of their own`,
    );
  }
  return { name, reference, variants: members.filter((member) => member !== reference) };
}

/** A class order or size of its own makes another model of it: its answers and latency say nothing of INT8. */
function assertComparable(variant: PreparedCandidate, reference: PreparedCandidate): void {
  const [own, other] = [variant.candidate, reference.candidate];
  if (own.card.classes.join('\n') !== other.card.classes.join('\n')) {
    throw new BeltbenchError(
      'bad_card',
      `${own.card.path} lists the classes ${own.card.classes.join(', ')}, but its reference ${other.id} answers ${other.card.classes.join(', ')}; correct \`classes\` in one of the cards, or give ${own.id} another \`group\``,
    );
  }
  const [size, expected] = [variant.inputSize, reference.inputSize];
  if (size.height !== expected.height || size.width !== expected.width) {
    throw new BeltbenchError(
      'bad_card',
      `${own.id} takes images of ${size.height}x${size.width}, but its reference ${other.id} ${expected.height}x${expected.width}; make the variant at the same size, or give it another \`group\``,
    );
  }
}

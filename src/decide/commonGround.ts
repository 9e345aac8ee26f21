import type { HostClass } from '../records/host.ts';
import type { CandidateInput } from './inputs.ts';
import { compareText, oldestFirst } from './order.ts';
import { sameSize, sizeText } from './sizes.ts';

/** What all candidates must share to be ranked against each other. */
export interface CommonGround {
  /** The hash of `host`, as the records' keys hold it. */
  readonly hostClass: string | undefined;
  readonly host: HostClass | undefined;
  readonly threads: number;
  readonly inputSize: string | undefined;
  readonly dataFingerprint: string | undefined;
  /** The images that no candidate could answer. */
  readonly unanswered: ReadonlySet<string>;
}

/**
 * The conditions that the candidates are compared under: the host class and the images that most of
 * them share, of equally common ones the newest, and the input size of the deployed candidate, or
 * the most common. One candidate measured elsewhere does not put all others in the wrong.
 */
export function findCommonGround(candidates: readonly CandidateInput[], threads: number): CommonGround {
  const hostClass = mostShared(candidates.map(hostClasses));
  const dataFingerprint = mostShared(candidates.map(fingerprints));
  const onHost = candidates
    .flatMap(({ latencyRecords }) => latencyRecords)
    .filter((record) => record.status === 'finished' && record.key_parts.host_class === hostClass);
  return {
    hostClass,
    host: oldestFirst(onHost).at(-1)?.host_class,
    threads,
    inputSize: commonSize(candidates),
    dataFingerprint,
    unanswered: skippedByAll(candidates, dataFingerprint),
  };
}

/** What one candidate can offer, and when it was taken; the later of two equal values counts. */
type Offer = ReadonlyMap<string, string>;

function hostClasses({ latencyRecords }: CandidateInput): Offer {
  return new Map(
    oldestFirst(latencyRecords)
      .filter(({ status }) => status === 'finished')
      .map((record) => [record.key_parts.host_class, record.started_at]),
  );
}

function fingerprints({ evaluation }: CandidateInput): Offer {
  return evaluation?.status === 'finished'
    ? new Map([[evaluation.data_fingerprint, evaluation.started_at]])
    : new Map();
}

function mostShared(offers: readonly Offer[]): string | undefined {
  const found = new Map<string, { count: number; newest: string }>();
  for (const [value, at] of offers.flatMap((offer) => [...offer])) {
    const before = found.get(value) ?? { count: 0, newest: '' };
    found.set(value, { count: before.count + 1, newest: at > before.newest ? at : before.newest });
  }
  const ranked = [...found].toSorted(
    ([a, x], [b, y]) => y.count - x.count || compareText(y.newest, x.newest) || compareText(a, b),
  );
  return ranked[0]?.[0];
}

/** A candidate that does not run at the size it was trained at sets no standard for the others. */
function commonSize(candidates: readonly CandidateInput[]): string | undefined {
  const sound = candidates.filter(
    ({ inputSize, trainedInputSize }) =>
      inputSize === undefined || trainedInputSize === undefined || sameSize(inputSize, trainedInputSize),
  );
  const sizes = sound.map(({ status, inputSize }) => ({ status, size: inputSize && sizeText(inputSize) }));
  const deployed = sizes.find(({ status, size }) => status === 'production' && size !== undefined)?.size;
  return deployed ?? mostShared(sizes.map(({ size }) => new Map(size === undefined ? [] : [[size, '']])));
}

function skippedByAll(candidates: readonly CandidateInput[], fingerprint: string | undefined): Set<string> {
  const skipped = candidates
    .flatMap(({ evaluation }) =>
      evaluation?.status === 'finished' && evaluation.data_fingerprint === fingerprint ? [evaluation.skipped] : [],
    )
    .map((list) => new Set(list.map(({ id }) => id)));
  const [first, ...rest] = skipped;
  return new Set([...(first ?? [])].filter((id) => rest.every((other) => other.has(id))));
}

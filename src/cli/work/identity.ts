import type { DatasetAudit } from '../../records/dataset.ts';
import type { HostClass } from '../../records/host.ts';
import { sessionOptions } from '../../runtime/session.ts';
import { benchmarkKey, predictionsKey } from '../../store/keys.ts';
import { preprocessingOf, type PreparedCandidate } from './prepare.ts';
import type { Session } from './session.ts';

/** What of the images and the host a key is made of. */
export interface KeySubjects {
  readonly dataset: { readonly audit: Pick<DatasetAudit, 'fingerprint'> };
  readonly hostClass: HostClass;
}

/** What of the study and the runtime can change a latency. */
export function benchmarkSettings(session: Session): Record<string, unknown> {
  const { benchmarking } = session.study.file;
  return {
    ...benchmarking,
    session_options: sessionOptions({ threads: benchmarking.threads }),
    runtime: session.runtime,
  };
}

/** The key of a latency record measured here and now. */
export function latencyKeyOf(
  session: Session,
  subjects: KeySubjects,
  { candidate, model, inputSize }: PreparedCandidate,
): ReturnType<typeof benchmarkKey> {
  return benchmarkKey({
    modelSha256: model.sha256,
    dataFingerprint: subjects.dataset.audit.fingerprint,
    preprocessing: preprocessingOf(candidate),
    inputSize,
    settings: benchmarkSettings(session),
    hostClass: subjects.hostClass,
  });
}

/** The key of predictions made here and now. */
export function predictionsKeyOf(
  session: Session,
  subjects: KeySubjects,
  { candidate, model, inputSize }: PreparedCandidate,
): string {
  return predictionsKey({
    modelSha256: model.sha256,
    dataFingerprint: subjects.dataset.audit.fingerprint,
    preprocessing: preprocessingOf(candidate),
    inputSize,
    classes: candidate.card.classes,
    outputs: candidate.card.outputs,
    runtime: session.runtime,
    isa: subjects.hostClass.isa,
  });
}

import { countAnswers, evaluateModel, type Evaluated } from '../../measure/evaluate.ts';
import type { DatasetAudit } from '../../records/dataset.ts';
import type { EvaluationRecord, Predictions } from '../../records/predictions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { predictionsKeyOf } from './identity.ts';
import type { PreparedCandidate } from './prepare.ts';
import { recordId } from './recordNames.ts';
import { assertNotInterrupted, subjectOf, type Session, type Subjects } from './session.ts';

export interface EvaluatedCandidate {
  readonly id: string;
  /** `undefined`: its process was lost, which says nothing of the model. */
  readonly record: EvaluationRecord | undefined;
  /** How its process was lost; `null` where there is a record. */
  readonly lost: string | null;
  readonly reused: boolean;
}

/** What ends the evaluation of one candidate, and lets the others be evaluated. */
const ENDS_ONE: ReadonlySet<string> = new Set(['bad_model', 'inference_failed', 'process_lost']);

/**
 * Evaluates the study's candidates on every readable image of the split, or reuses finished
 * predictions of the same key. Each candidate is saved when it ends.
 */
export async function evaluateStudy(session: Session, subjects: Subjects): Promise<EvaluatedCandidate[]> {
  const { study, store, io, progress } = session;
  const { evaluations } = await store.list();
  const evaluated: EvaluatedCandidate[] = [];
  for (const prepared of subjects.candidates) {
    const key = predictionsKeyOf(session, subjects, prepared);
    const stored = evaluations.findLast((record) => record.status === 'finished' && record.predictions_key === key);
    if (stored !== undefined && study.file.run.mode === 'reuse_if_exists') {
      evaluated.push({ id: prepared.candidate.id, record: stored, lost: null, reused: true });
    } else {
      assertNotInterrupted(io);
      evaluated.push(await evaluateCandidate(session, subjects, prepared, key));
    }
  }
  progress.clear();
  return evaluated;
}

async function evaluateCandidate(
  session: Session,
  subjects: Subjects,
  prepared: PreparedCandidate,
  key: string,
): Promise<EvaluatedCandidate> {
  const { io, progress, study } = session;
  const { candidate, inputSize } = prepared;
  const result = { id: candidate.id, lost: null, reused: false };
  const images = subjects.dataset.splitImages.filter(({ readable }) => readable);
  const startedAt = new Date().toISOString();
  try {
    const evaluated = await evaluateModel(
      {
        open: {
          modelPath: candidate.card.modelPath,
          threads: study.file.benchmarking.threads,
          inputSize,
          preprocessing: candidate.card.preprocessing,
          items: images.map(({ id, path }) => ({ id, path })),
        },
        classes: candidate.card.classes,
        outputs: candidate.card.outputs,
        labels: new Map(images.map(({ id, className }) => [id, className])),
      },
      (done) => {
        progress.show({ subject: candidate.id, phase: 'evaluate', done, total: images.length });
        assertNotInterrupted(io);
      },
    );
    assertUnchanged(subjects, evaluated.predictions);
    return { ...result, record: await saveFinished(session, subjects, prepared, { key, startedAt, evaluated }) };
  } catch (thrown) {
    // Only the model's own failure is a finding about it; the rest is somebody's to mend first.
    if (!(thrown instanceof BeltbenchError) || !ENDS_ONE.has(thrown.code)) {
      throw thrown;
    }
    const { code, message } = thrown;
    progress.note(`${candidate.id}: ${message}`);
    return code === 'process_lost'
      ? { ...result, record: undefined, lost: message }
      : { ...result, record: await saveFailed(session, subjects, prepared, key, startedAt, message) };
  }
}

/** The key names the images as the audit read them; others must not be stored under it. */
function assertUnchanged({ dataset }: Subjects, { ids, content_hashes: hashes }: Predictions): void {
  const audited = new Map(dataset.splitImages.map(({ id, contentHash }) => [id, contentHash]));
  const changed = ids.find((id, index) => audited.get(id) !== hashes[index]);
  if (changed !== undefined) {
    throw new BeltbenchError(
      'bad_dataset',
      `the images must not change while they are evaluated, and ${changed} did; run again when nobody writes there`,
    );
  }
}

async function saveFinished(
  session: Session,
  subjects: Subjects,
  prepared: PreparedCandidate,
  { key, startedAt, evaluated }: { key: string; startedAt: string; evaluated: Evaluated },
): Promise<EvaluationRecord> {
  const { audit, splitImages } = subjects.dataset;
  const unreadable = splitImages.filter(({ readable }) => !readable);
  const record: EvaluationRecord = {
    ...commonOf(session, subjects, prepared, key, startedAt),
    status: 'finished',
    failure: null,
    softmax: { applied: evaluated.softmax.applied, decided_by: evaluated.softmax.decidedBy },
    images: evaluated.predictions.ids.length,
    ...countAnswers(evaluated.predictions),
    skipped: [...unreadable.map(({ id }) => ({ id, reason: reasonInAudit(audit, id) })), ...evaluated.skipped],
    images_per_second: evaluated.imagesPerSecond,
    warnings: [],
  };
  await session.store.write(record, { 'predictions.json': evaluated.predictions, 'dataset.json': audit });
  return record;
}

async function saveFailed(
  session: Session,
  subjects: Subjects,
  prepared: PreparedCandidate,
  key: string,
  startedAt: string,
  reason: string,
): Promise<EvaluationRecord> {
  const record: EvaluationRecord = {
    ...commonOf(session, subjects, prepared, key, startedAt),
    status: 'failed',
    failure: reason,
    softmax: null,
    images: 0,
    correct: null,
    confusion: null,
    skipped: [],
    images_per_second: null,
    warnings: [],
  };
  await session.store.write(record);
  return record;
}

function commonOf(session: Session, subjects: Subjects, prepared: PreparedCandidate, key: string, startedAt: string) {
  const { dataset } = session.study.file;
  return {
    schema: 'beltbench/evaluation',
    version: 1,
    record_id: recordId('evaluation', prepared.candidate.id, key, startedAt),
    ...subjectOf(session, prepared),
    predictions_key: key,
    data_fingerprint: subjects.dataset.audit.fingerprint,
    dataset_root: dataset.root,
    split: dataset.split,
    target_class: dataset.target_class,
    maybe_class: dataset.maybe_class ?? null,
    classes: [...prepared.candidate.card.classes],
    outputs: prepared.candidate.card.outputs,
    started_at: startedAt,
    finished_at: new Date().toISOString(),
    runtime: session.runtime,
    isa: subjects.hostClass.isa,
  } satisfies Partial<EvaluationRecord>;
}

function reasonInAudit(audit: DatasetAudit, id: string): string {
  const found = audit.unreadable.find((entry) => entry.id === id);
  return found === undefined ? 'unreadable' : `${found.kind}: ${found.detail}`;
}

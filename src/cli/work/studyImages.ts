import { isDeepStrictEqual } from 'node:util';
import { splitFingerprint } from '../../datasets/splitFingerprint.ts';
import type { Warning } from '../../records/common.ts';
import type { DatasetAudit } from '../../records/dataset.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { EvaluationRecord } from '../../records/predictions.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { studyKeyHash } from '../../store/keys.ts';
import type { StoreListing } from '../../store/store.ts';
import type { Session, Subjects } from './session.ts';

/** The images that a study is about, by which its records are told from those of others. */
export interface StudyImages {
  /** One where the images are at hand; else those that the study's own records name. */
  readonly fingerprints: ReadonlySet<string>;
  readonly warnings: readonly Warning[];
}

/**
 * The images of a study: as they lie there now, labelled by their folders as the study says now. Where
 * they cannot be read, as on another machine than the line's, those that records made for this very
 * study (its story, root and split) had, as far as these had the study's classes in the same folders.
 *
 * @param subjects the images as they are now, where the command has read them already
 */
export async function findStudyImages(
  session: Session,
  listing: StoreListing,
  subjects: Subjects | undefined,
): Promise<StudyImages> {
  const fingerprint = subjects?.dataset.audit.fingerprint ?? (await fingerprintAtHand(session));
  if (fingerprint !== undefined) {
    return { fingerprints: new Set([fingerprint]), warnings: [] };
  }
  const { root, split } = session.study.file.dataset;
  return {
    fingerprints: await fingerprintsOfRecords(session, listing),
    warnings: [
      {
        code: 'images_missing',
        message: `the images of ${split} in ${root} could not be read: nothing shows that they are still those of the records, and only records that were made for this study's story, \`dataset.root\` and \`dataset.split\` show which they were`,
      },
    ],
  };
}

async function fingerprintAtHand({ study, progress }: Session): Promise<string | undefined> {
  const { split, classes } = study.file.dataset;
  try {
    const { fingerprint } = await splitFingerprint(study.datasetRoot, split, classes, (done, total) =>
      progress.show({ subject: split, phase: 'read images', done, total }),
    );
    return fingerprint;
  } catch (thrown) {
    if (thrown instanceof BeltbenchError && thrown.code === 'bad_dataset') {
      return undefined;
    }
    throw thrown;
  } finally {
    progress.clear();
  }
}

async function fingerprintsOfRecords({ study, store }: Session, listing: StoreListing): Promise<Set<string>> {
  const { story, dataset } = study.file;
  const key = studyKeyHash(story, dataset.root, dataset.split);
  const isOwn = (record: LatencyRecord | EvaluationRecord): boolean =>
    record.status === 'finished' && record.study_key_hash === key;
  const evaluations = listing.evaluations.filter(isOwn);
  const fingerprints = new Set([...listing.latency.filter(isOwn), ...evaluations].map(fingerprintOf));
  for (const fingerprint of fingerprints) {
    const evaluation = evaluations.findLast((record) => record.data_fingerprint === fingerprint);
    if (
      evaluation !== undefined &&
      !isDeepStrictEqual(foldersOf(await store.readDataset(evaluation)), dataset.classes)
    ) {
      fingerprints.delete(fingerprint);
    }
  }
  return fingerprints;
}

/** Which images a record was made with. */
export function fingerprintOf(record: LatencyRecord | EvaluationRecord): string {
  return record.schema === 'beltbench/latency' ? record.key_parts.data : record.data_fingerprint;
}

/** The classes with their folders, as the study named them then. */
function foldersOf({ split, splits }: DatasetAudit): Record<string, string> {
  const classes = splits.find((entry) => entry.split === split)?.classes ?? [];
  return Object.fromEntries(classes.map(({ class_name: name, folder }) => [name, folder]));
}

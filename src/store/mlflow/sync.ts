import type { MlflowExperiment } from '../../records/mlflow.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { MlflowClient } from './client.ts';
import type { SyncLedger } from './ledger.ts';
import { syncRecord, type SyncedRecord, type SyncItem } from './syncRecord.ts';
import { TrackingError } from './trackingError.ts';

export interface SyncReport {
  readonly counts: Readonly<Record<SyncedRecord['outcome'], number>>;
  /** Records that the server did not take, or whose files cannot be read; the others went on. */
  readonly failed: readonly { readonly record_id: string; readonly reason: string }[];
  /** Runs whose files were not stored, because the server takes none over HTTP. */
  readonly withoutArtifacts: number;
  /** Records that the next sync asks about again, because the answer to a creation was lost. */
  readonly unsettled: number;
  /** Records that were not come to. */
  readonly left: number;
  /** Why some are left: the server gave out; `undefined` where all were come to, or the user interrupted. */
  readonly stoppedBy: TrackingError | undefined;
}

export interface SyncJob {
  readonly client: MlflowClient;
  readonly experiment: MlflowExperiment;
  readonly ledger: SyncLedger;
  readonly items: readonly SyncItem[];
  /** Whether to go on with the next record, after so many. */
  readonly goesOn: (done: number) => boolean;
}

/** A server writes one run at a time; more requests at hand keep it busy. */
const WORKERS = 4;
/** So many records in a row that a server fails at (5xx), and it is the server, not the records. */
const MOST_FAILING = 3;

/**
 * Brings records to a tracking server, each as exactly one run. What one record's trouble is leaves
 * the others alone; the server's own ends it, and a later sync goes on.
 *
 * @throws BeltbenchError `cannot_write` when the ledger cannot be written
 */
export async function syncRecords(job: SyncJob): Promise<SyncReport> {
  const counts = { written: 0, already: 0, repaired: 0, deleted: 0 };
  const failed: { record_id: string; reason: string }[] = [];
  let withoutArtifacts = 0;
  let unsettled = 0;
  let done = 0;
  let failing = 0;
  let stoppedBy: TrackingError | undefined;
  let broken = false;
  const queue = job.items.values();
  const work = async (): Promise<void> => {
    for (const item of queue) {
      if (broken || stoppedBy !== undefined || !job.goesOn(done)) {
        return;
      }
      try {
        const { outcome, runId, hasArtifacts, isSettled } = await syncRecord(job.client, job.experiment.id, item);
        if (isSettled) {
          await job.ledger.add(item.recordId, runId);
        }
        counts[outcome] += 1;
        withoutArtifacts += hasArtifacts ? 0 : 1;
        unsettled += isSettled ? 0 : 1;
        done += 1;
        failing = 0;
      } catch (thrown) {
        if (!isOfOneRecord(thrown)) {
          if (!(thrown instanceof TrackingError)) {
            broken = true;
            throw thrown;
          }
          stoppedBy ??= thrown;
          return;
        }
        failed.push({ record_id: item.recordId, reason: thrown.message });
        failing = thrown instanceof TrackingError && thrown.trouble === 'failing' ? failing + 1 : 0;
        if (failing >= MOST_FAILING && thrown instanceof TrackingError) {
          stoppedBy ??= thrown;
        }
      }
    }
  };
  // All of them end before the caller goes on, whatever happens to one.
  const ended = await Promise.allSettled(Array.from({ length: WORKERS }, work));
  const broke = ended.find((worker) => worker.status === 'rejected');
  if (broke !== undefined) {
    throw broke.reason;
  }
  return { counts, failed, withoutArtifacts, unsettled, stoppedBy, left: job.items.length - done - failed.length };
}

function isOfOneRecord(thrown: unknown): thrown is BeltbenchError {
  return thrown instanceof TrackingError
    ? ['refused', 'missing', 'failing'].includes(thrown.trouble)
    : thrown instanceof BeltbenchError && thrown.code === 'bad_record';
}

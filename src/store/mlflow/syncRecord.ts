import { readFile } from 'node:fs/promises';
import type { MlflowRun, RunDraft } from '../../records/mlflow.ts';
import { BeltbenchError, reasonOf } from '../../shared/errors.ts';
import type { MlflowClient } from './client.ts';
import { tagEquals } from './filter.ts';
import { RECORD_ID_TAG } from './tagNames.ts';
import { TrackingError, type TrackingTrouble } from './trackingError.ts';

/** A record that is to stand on the server; what it becomes there is worked out only when it is written. */
export interface SyncItem {
  readonly recordId: string;
  readonly draft: () => Promise<RunDraft>;
}

/** What became of one record on the server. */
export interface SyncedRecord {
  readonly runId: string;
  /** `already`: it stood there whole; `repaired`: half-written or twice before; `deleted`: somebody deleted it there, and it stays so. */
  readonly outcome: 'written' | 'already' | 'repaired' | 'deleted';
  /** Whether the server took its files. */
  readonly hasArtifacts: boolean;
}

type Written = Pick<SyncedRecord, 'runId' | 'hasArtifacts'>;

/** How often a record is begun again: its run was deleted while it was written, or the answer to its creation was lost. */
const MOST_TRIES = 3;

/**
 * Sees to it that a record is exactly one run, whatever earlier syncs, also killed ones, left: the
 * server is asked for runs with the record's id first. A run is RUNNING until it is whole.
 *
 * @throws TrackingError when the server does not do what is asked
 */
export async function syncRecord(client: MlflowClient, experimentId: string, item: SyncItem): Promise<SyncedRecord> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(client, experimentId, item);
    } catch (thrown) {
      if (!(thrown instanceof LostRunError) || attempt >= MOST_TRIES) {
        throw thrown instanceof LostRunError ? thrown.cause : thrown;
      }
    }
  }
}

/** The run may be there or not; only another look tells. */
class LostRunError extends Error {
  constructor(cause: unknown) {
    super('the run is lost', { cause });
  }
}

async function tryOnce(client: MlflowClient, experimentId: string, item: SyncItem): Promise<SyncedRecord> {
  const filter = tagEquals(RECORD_ID_TAG, item.recordId);
  const found = await client.searchRuns({ experimentId, filter, withDeleted: true });
  const [kept, ...surplus] = found.filter(({ isDeleted }) => !isDeleted).toSorted(wholeFirst);
  for (const run of surplus) {
    await client.deleteRun(run.runId);
  }
  if (kept !== undefined && isWhole(kept)) {
    return { runId: kept.runId, outcome: surplus.length > 0 ? 'repaired' : 'already', hasArtifacts: true };
  }
  const deleted = found.find((run) => run.isDeleted && isWhole(run));
  if (kept === undefined && deleted !== undefined) {
    return { runId: deleted.runId, outcome: 'deleted', hasArtifacts: true };
  }
  const draft = await item.draft();
  if (kept !== undefined) {
    const completed = await complete(client, kept, draft);
    if (completed !== undefined) {
      return { ...completed, outcome: 'repaired' };
    }
  }
  const run = await createOrLose(client, experimentId, draft);
  const written = await writeOrLose(client, run, draft);
  return { ...written, outcome: kept === undefined ? 'written' : 'repaired' };
}

/** After these, what was asked may be done or not. */
const UNCERTAIN: ReadonlySet<TrackingTrouble> = new Set(['unreachable', 'failing', 'slow']);

async function createOrLose(client: MlflowClient, experimentId: string, draft: RunDraft): Promise<MlflowRun> {
  try {
    return await client.createRun(experimentId, draft);
  } catch (thrown) {
    throw thrown instanceof TrackingError && UNCERTAIN.has(thrown.trouble) ? new LostRunError(thrown) : thrown;
  }
}

async function writeOrLose(client: MlflowClient, run: MlflowRun, draft: RunDraft): Promise<Written> {
  try {
    return await write(client, run, draft);
  } catch (thrown) {
    throw (await isGone(client, run, thrown)) ? new LostRunError(thrown) : thrown;
  }
}

/**
 * Writes the rest of a half-written run. What it holds cannot be changed: where that is something
 * else, another version wrote it, and it is deleted.
 *
 * @returns `undefined` when the run must be made anew
 */
async function complete(client: MlflowClient, run: MlflowRun, draft: RunDraft): Promise<Written | undefined> {
  try {
    return await writeOrLose(client, run, draft);
  } catch (thrown) {
    if (!(thrown instanceof TrackingError) || thrown.trouble !== 'refused') {
      throw thrown;
    }
    await client.deleteRun(run.runId);
    return undefined;
  }
}

/** A run that was deleted while it is written is refused like a wrong value; only a look tells. */
async function isGone(client: MlflowClient, { runId }: MlflowRun, thrown: unknown): Promise<boolean> {
  if (!(thrown instanceof TrackingError) || !['missing', 'refused'].includes(thrown.trouble)) {
    return false;
  }
  const now = await client.getRun(runId);
  return now === undefined || now.isDeleted;
}

async function write(client: MlflowClient, run: MlflowRun, draft: RunDraft): Promise<Written> {
  await client.logBatch(run.runId, { ...draft, timestamp: draft.endTime });
  if (draft.dataset !== undefined) {
    await client.logDataset(run.runId, draft.dataset);
  }
  let hasArtifacts = true;
  for (const { name, path } of draft.artifacts) {
    hasArtifacts &&= await client.uploadArtifact(run, name, await readArtifact(path));
  }
  await client.endRun(run.runId, draft);
  return { runId: run.runId, hasArtifacts };
}

async function readArtifact(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(path);
  } catch (thrown) {
    throw new BeltbenchError('bad_record', `${path} cannot be read: ${reasonOf(thrown)}; it is not synced`);
  }
}

function isWhole({ status }: MlflowRun): boolean {
  return status === 'FINISHED' || status === 'FAILED';
}

/** Every machine that finds the same runs keeps the same one. */
function wholeFirst(a: MlflowRun, b: MlflowRun): number {
  return Number(isWhole(b)) - Number(isWhole(a)) || (a.runId < b.runId ? -1 : 1);
}

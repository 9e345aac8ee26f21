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
  /** False where the answer to a creation was lost: its run may still come, so the next sync must look again. */
  readonly isSettled: boolean;
}

type Written = Pick<SyncedRecord, 'runId' | 'hasArtifacts'>;

/** How often a record is begun again: its run was deleted while it was written, or the answer to its creation was lost. */
const MOST_TRIES = 3;

/**
 * Sees to it that a record is exactly one run, whatever earlier syncs, also killed ones, left: the
 * server is asked for runs with the record's id before one is made, and again when it is written,
 * because another machine may have made one meanwhile. A run is RUNNING until it is whole.
 *
 * @throws TrackingError when the server does not do what is asked
 */
export async function syncRecord(client: MlflowClient, experimentId: string, item: SyncItem): Promise<SyncedRecord> {
  let isSettled = true;
  for (let attempt = 1; ; attempt++) {
    try {
      return { ...(await tryOnce(client, experimentId, item)), isSettled };
    } catch (thrown) {
      if (!(thrown instanceof LostRunError) || attempt >= MOST_TRIES) {
        throw thrown instanceof LostRunError ? thrown.cause : thrown;
      }
      isSettled &&= !thrown.mayCome;
    }
  }
}

/** The run may be there or not; only another look tells. */
class LostRunError extends Error {
  /** Whether a look is not enough, because the server may still be at its creation. */
  readonly mayCome: boolean;

  constructor(cause: unknown, mayCome: boolean) {
    super('the run is lost', { cause });
    this.mayCome = mayCome;
  }
}

async function tryOnce(
  client: MlflowClient,
  experimentId: string,
  { recordId, draft }: SyncItem,
): Promise<Omit<SyncedRecord, 'isSettled'>> {
  const filter = tagEquals(RECORD_ID_TAG, recordId);
  const found = await client.searchRuns({ experimentId, filter, withDeleted: true });
  const live = found.filter(({ isDeleted }) => !isDeleted);
  const kept = await keepOne(client, live, draft);
  if (kept !== undefined) {
    return { ...kept.written, outcome: kept.wasAlone ? 'already' : 'repaired' };
  }
  const deleted = found.find((run) => run.isDeleted && isWhole(run));
  if (live.length === 0 && deleted !== undefined) {
    return { runId: deleted.runId, outcome: 'deleted', hasArtifacts: true };
  }
  const content = await draft();
  const run = await createOrLose(client, experimentId, content);
  const own = await writeOrLose(client, run, content);
  const last = await keepOne(client, await client.searchRuns({ experimentId, filter }), draft);
  const written = last === undefined || last.written.runId === own.runId ? own : last.written;
  return { ...written, outcome: live.length === 0 && last?.wasAlone !== false ? 'written' : 'repaired' };
}

/**
 * Of all runs of a record, leaves the one with the least id, whole. Every machine keeps the same one,
 * whatever it sees of the others' work: none can delete it, and so they never delete each other's.
 *
 * @returns `undefined` when there is none that can be completed
 */
async function keepOne(
  client: MlflowClient,
  runs: readonly MlflowRun[],
  draft: SyncItem['draft'],
): Promise<{ written: Written; wasAlone: boolean } | undefined> {
  const ordered = runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  for (const [index, run] of ordered.entries()) {
    const { runId } = run;
    const written = isWhole(run) ? { runId, hasArtifacts: true } : await complete(client, run, await draft());
    if (written !== undefined) {
      for (const surplus of ordered.slice(index + 1)) {
        await remove(client, surplus);
      }
      return { written, wasAlone: isWhole(run) && ordered.length === 1 };
    }
  }
  return undefined;
}

/** After these, what was asked may be done or not. */
const UNCERTAIN: ReadonlySet<TrackingTrouble> = new Set(['unreachable', 'failing', 'slow']);

async function createOrLose(client: MlflowClient, experimentId: string, draft: RunDraft): Promise<MlflowRun> {
  try {
    return await client.createRun(experimentId, draft);
  } catch (thrown) {
    throw thrown instanceof TrackingError && UNCERTAIN.has(thrown.trouble) ? new LostRunError(thrown, true) : thrown;
  }
}

async function writeOrLose(client: MlflowClient, run: MlflowRun, draft: RunDraft): Promise<Written> {
  try {
    return await write(client, run, draft);
  } catch (thrown) {
    throw (await isGone(client, run, thrown)) ? new LostRunError(thrown, false) : thrown;
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
    await remove(client, run);
    return undefined;
  }
}

/** Another machine may delete it at the same moment. */
async function remove(client: MlflowClient, run: MlflowRun): Promise<void> {
  try {
    await client.deleteRun(run.runId);
  } catch (thrown) {
    if (!(await isGone(client, run, thrown))) {
      throw thrown;
    }
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

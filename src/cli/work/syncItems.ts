import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../../config/problems.ts';
import type { ReadStudy } from '../../config/studyFile.ts';
import { judgeAccuracy } from '../../decide/accuracy.ts';
import { percentilesByBatch } from '../../decide/percentiles.ts';
import { rolesOf } from '../../decide/scores.ts';
import { decisionSchema } from '../../records/decision.ts';
import type { LatencyRecord } from '../../records/latency.ts';
import type { RunDraft } from '../../records/mlflow.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import { hashOf } from '../../store/hash.ts';
import { readJsonFile } from '../../store/jsonFile.ts';
import { evaluationDraft } from '../../store/mlflow/drafts/evaluation.ts';
import { latencyDraft } from '../../store/mlflow/drafts/latency.ts';
import { decisionDraft, sweepDraft } from '../../store/mlflow/drafts/others.ts';
import type { SyncItem } from '../../store/mlflow/syncRecord.ts';
import type { AnyRecord } from '../../store/parseRecord.ts';
import { recordPath } from '../../store/recordFolder.ts';
import { RAW_FILE_NAMES, type RunStore } from '../../store/store.ts';
import { candidateOf } from './runsEntries.ts';
import type { SyncTarget } from './syncTarget.ts';

/** The part of a study that says what is synced. */
export type SyncedStudy = Pick<ReadStudy, 'file' | 'reportsDir'>;

/** What a study has to sync, oldest first, and what is left out. */
export interface SyncItems {
  readonly items: readonly SyncItem[];
  readonly notes: readonly string[];
}

const RECORD_FILES = ['record.json', ...RAW_FILE_NAMES];
const MAX_DECISION_BYTES = 64 * 1024 * 1024;

/** The study's records in the file store, of all candidates or of those in `only`, and its decision. */
export async function syncItems(
  study: SyncedStudy,
  store: RunStore,
  target: SyncTarget,
  only: readonly string[],
): Promise<SyncItems> {
  const { latency, evaluations, sweeps, problems } = await store.list();
  const all: AnyRecord[] = [...latency, ...evaluations, ...sweeps];
  const own = all.filter(({ story }) => story === study.file.story);
  const wanted = own.filter((record) => only.length === 0 || only.includes(candidateOf(record)));
  const decision = only.length === 0 ? await decisionItem(study, target) : undefined;
  return {
    items: [
      ...wanted.map((record) => ({
        recordId: record.record_id,
        draft: async () => await draftOf(record, study, store, target),
      })),
      ...(decision?.item === undefined ? [] : [decision.item]),
    ],
    notes: [
      ...problems,
      ...leftOut(all.length - own.length),
      ...(decision?.problem === undefined ? [] : [decision.problem]),
    ],
  };
}

function leftOut(others: number): string[] {
  return others === 0 ? [] : [`${countOf(others, 'record')} of other stories ${others === 1 ? 'is' : 'are'} left out`];
}

async function draftOf(
  record: AnyRecord,
  { file }: SyncedStudy,
  store: RunStore,
  { grouping, tags }: SyncTarget,
): Promise<RunDraft> {
  const folder = recordPath(store.dir, record.record_id);
  const context = { grouping, tags, artifacts: await present(folder, RECORD_FILES) };
  switch (record.schema) {
    case 'beltbench/latency':
      return latencyDraft(record, context, await readPercentiles(record, store, file.line.confidence));
    case 'beltbench/evaluation':
      return evaluationDraft(record, context, judgeAccuracy(record, rolesOf(record)));
    case 'beltbench/sweep':
      return sweepDraft(record, context);
  }
}

/** A record whose samples are gone keeps its summary; it has no percentiles. */
async function readPercentiles(record: LatencyRecord, store: RunStore, confidence: number) {
  try {
    return percentilesByBatch(await store.readSamples(record), confidence);
  } catch (thrown) {
    if (thrown instanceof BeltbenchError) {
      return new Map();
    }
    throw thrown;
  }
}

/** The decision is written over by the next one; what it says is what names it. */
async function decisionItem(
  { file, reportsDir }: SyncedStudy,
  { grouping, tags }: SyncTarget,
): Promise<{ item?: SyncItem; problem?: string }> {
  const folder = join(reportsDir, file.story);
  const path = join(folder, 'decision.json');
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) {
    return {};
  }
  const read = check(decisionSchema, await readJsonFile(path, MAX_DECISION_BYTES).catch(() => undefined));
  if (!read.ok) {
    return { problem: `${path} is left out: it is not as this beltbench writes it; run \`beltbench decide\`` };
  }
  const recordId = `decision-${file.story}-${hashOf(read.value).slice(0, 16)}`;
  const artifacts = await present(folder, ['decision.json', 'decision.md']);
  const draft = decisionDraft(
    read.value,
    { grouping, tags, artifacts },
    { recordId, writtenAt: Math.floor(info.mtimeMs) },
  );
  return { item: { recordId, draft: async () => await Promise.resolve(draft) } };
}

async function present(folder: string, names: readonly string[]): Promise<RunDraft['artifacts']> {
  const found: { name: string; path: string }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) {
      found.push({ name, path });
    }
  }
  return found;
}

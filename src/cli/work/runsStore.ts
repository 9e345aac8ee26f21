import { loadStudy, type Study } from '../../config/study.ts';
import { hint } from '../../config/hint.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { AnyRecord } from '../../store/parseRecord.ts';
import { RunStore, type UnreadableFolder } from '../../store/store.ts';
import { listUnfinished, type Unfinished } from '../../store/unfinished.ts';
import type { CommonArgs } from '../io.ts';
import { printable } from '../printable.ts';
import { candidateOf } from './runsEntries.ts';

/** A study's store with everything in it, as far as `--only` asks for it. */
export interface OpenedStore {
  readonly study: Study;
  readonly store: RunStore;
  /** Oldest first. */
  readonly records: readonly AnyRecord[];
  readonly unreadable: readonly UnreadableFolder[];
  readonly unfinished: readonly Unfinished[];
}

/**
 * Reads a study and its store. A store remembers candidates that the study no longer has, so `--only`
 * may name any of either; folders of which nobody knows whose they are belong to none.
 *
 * @throws BeltbenchError `bad_usage` when `--only` names a candidate of neither
 */
export async function openStore({ study: path, only }: CommonArgs): Promise<OpenedStore> {
  const study = await loadStudy(path);
  const store = new RunStore(study.reportsDir);
  const { records, unreadable } = await store.scan();
  const unfinished = await listUnfinished(store.dir);
  if (only.length === 0) {
    return { study, store, records, unreadable, unfinished };
  }
  const known = new Set([
    ...study.candidates.map(({ id }) => id),
    ...records.map(candidateOf),
    ...unfinished.map(({ candidateId }) => candidateId),
  ]);
  const strange = only.find((id) => !known.has(id));
  if (strange !== undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `--only names \`${printable(strange)}\`, which is a candidate of neither the study nor its records${hint(strange, [...known])}`,
    );
  }
  return {
    study,
    store,
    records: records.filter((record) => only.includes(candidateOf(record))),
    unreadable: [],
    unfinished: unfinished.filter(({ candidateId }) => only.includes(candidateId)),
  };
}

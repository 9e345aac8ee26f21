import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../../config/problems.ts';
import { ledgerLineSchema, type MlflowExperiment } from '../../records/mlflow.ts';
import { cannotWrite, IN_REPORTS } from '../cannotWrite.ts';
import { hashOf } from '../hash.ts';
import { makeFolder } from '../makeFolder.ts';
import type { TrackingServer } from './address.ts';
import { parseJson } from './http.ts';

/**
 * Which records stand whole on a tracking server: `runs/.mlflow/HASH/ledger.jsonl`, a line each, for
 * one server and experiment. It saves asking; the server has the last word, so a line that a kill cut
 * short costs a question and nothing else.
 */
export class SyncLedger {
  /** Also holds the lock of a sync. */
  readonly dir: string;
  readonly #done: Set<string>;

  private constructor(dir: string, done: Set<string>) {
    this.dir = dir;
    this.#done = done;
  }

  /**
   * An experiment that was made anew, on a server that lost its data, has a ledger of its own.
   *
   * @throws BeltbenchError `cannot_write` when the store is read-only
   */
  static async open(runsDir: string, server: TrackingServer, experiment: MlflowExperiment): Promise<SyncLedger> {
    const identity = { uri: server.uri, id: experiment.id, name: experiment.name, made: experiment.createdAt ?? null };
    const dir = join(runsDir, '.mlflow', hashOf(identity).slice(0, 16));
    await makeFolder(dir).catch((thrown: unknown) => {
      throw cannotWrite(dir, thrown, IN_REPORTS);
    });
    const ledger = new SyncLedger(dir, new Set());
    await ledger.reload();
    return ledger;
  }

  /** Reads again what another sync may have added. */
  async reload(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      const read = check(ledgerLineSchema, parseJson(line));
      if (read.ok) {
        this.#done.add(read.value.record_id);
      }
    }
  }

  has(recordId: string): boolean {
    return this.#done.has(recordId);
  }

  /** @throws BeltbenchError `cannot_write` when the disk is full; the record is on the server all the same */
  async add(recordId: string, runId: string): Promise<void> {
    if (this.has(recordId)) {
      return;
    }
    this.#done.add(recordId);
    // The line break comes first: a line that was cut short ends here.
    await appendFile(this.#path, `\n${JSON.stringify({ record_id: recordId, run_id: runId })}`).catch(
      (thrown: unknown) => {
        throw cannotWrite(this.#path, thrown, IN_REPORTS);
      },
    );
  }

  get #path(): string {
    return join(this.dir, 'ledger.jsonl');
  }
}

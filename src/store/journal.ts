import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { timestamp } from '../records/common.ts';
import { launchSchema, roundSchema, type Launch, type Round } from '../records/latency.ts';
import { IN_REPORTS } from './cannotWrite.ts';
import { readJsonFile } from './jsonFile.ts';
import { recordPath } from './recordFolder.ts';
import { writeTextFile } from './textFile.ts';

/** What an unfinished latency measurement has so far, in the order in which it was planned. */
export interface JournalContent {
  /** When the measurement was begun; `undefined` where it was not. */
  readonly begunAt: string | undefined;
  readonly launches: readonly Launch[];
  readonly rounds: readonly Round[];
}

/** Hidden, so that no record's name can be its own. */
export const JOURNALS = '.partial';
const BEGUN = 'begun.json';
/** A round of a million samples takes half of it. */
const MAX_FILE_BYTES = 100 * 1024 * 1024;

/**
 * The rounds of a measurement that is not finished yet, one file each under
 * `runs/.partial/CANDIDATE-KEY/`: a killed run resumes from them, and measures only the rounds that
 * are missing.
 */
export class LatencyJournal {
  private readonly dir: string;

  constructor(runsDir: string, candidateId: string, benchmarkKey: string) {
    this.dir = recordPath(join(runsDir, JOURNALS), `${candidateId}-${benchmarkKey}`);
  }

  /** Leaves out what is no round of ours or was half-written: it is measured again. */
  async read(): Promise<JournalContent> {
    const names = (await readdir(this.dir).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted();
    const launches: Launch[] = [];
    const rounds: Round[] = [];
    for (const name of names) {
      const content = await this.readFile(name);
      const launch = launchSchema.safeParse(content);
      if (launch.success && name === nameOfLaunch(launch.data)) {
        launches.push(launch.data);
      }
      const round = roundSchema.safeParse(content);
      if (round.success && name === nameOfRound(round.data)) {
        rounds.push(round.data);
      }
    }
    const begun = timestamp.safeParse(await this.readFile(BEGUN));
    return { begunAt: begun.success ? begun.data : launches[0]?.started_at, launches, rounds };
  }

  /**
   * Says that a measurement is under way before its first launch, so that one that is interrupted earlier
   * is known to have been asked for. What was begun already stays so.
   *
   * @throws BeltbenchError `cannot_write` when the store is read-only or the disk full
   */
  async begin(at: string): Promise<void> {
    const { begunAt } = await this.read();
    if (begunAt === undefined) {
      await this.write(BEGUN, at);
    }
  }

  /** @throws BeltbenchError `cannot_write` when the store is read-only or the disk full */
  async addLaunch(launch: Launch): Promise<void> {
    await this.write(nameOfLaunch(launch), launch);
  }

  /** @throws BeltbenchError `cannot_write` when the store is read-only or the disk full */
  async addRound(round: Round): Promise<void> {
    await this.write(nameOfRound(round), round);
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  private async readFile(name: string): Promise<unknown> {
    return await readJsonFile(join(this.dir, name), MAX_FILE_BYTES).catch(() => undefined);
  }

  private async write(name: string, value: Launch | Round | string): Promise<void> {
    await writeTextFile(join(this.dir, name), JSON.stringify(value), IN_REPORTS);
  }
}

function nameOfLaunch({ launch }: Launch): string {
  return `launch-${pad(launch)}.json`;
}

function nameOfRound({ round, batch_size: batchSize }: Round): string {
  return `round-${pad(round)}-batch-${pad(batchSize)}.json`;
}

/** So that names sort as numbers do. */
function pad(value: number): string {
  return String(value).padStart(6, '0');
}

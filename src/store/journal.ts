import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { launchSchema, roundSchema, type Launch, type Round } from '../records/latency.ts';
import { cannotWrite, readJson } from './recordFolder.ts';

/** What an unfinished latency measurement has so far. */
export interface JournalContent {
  readonly launches: readonly Launch[];
  readonly rounds: readonly Round[];
}

/**
 * The rounds of a measurement that is not finished yet, one file each under `runs/.partial/KEY/`:
 * a killed run resumes from them, and measures only the rounds that are missing.
 */
export class LatencyJournal {
  private readonly dir: string;

  constructor(runsDir: string, benchmarkKey: string) {
    this.dir = join(runsDir, '.partial', benchmarkKey);
  }

  async read(): Promise<JournalContent> {
    const names = (await readdir(this.dir).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted();
    const launches: Launch[] = [];
    const rounds: Round[] = [];
    for (const name of names) {
      const content = await readJson(join(this.dir, name)).catch(() => undefined);
      const launch = launchSchema.safeParse(content);
      const round = roundSchema.safeParse(content);
      if (launch.success) {
        launches.push(launch.data);
      } else if (round.success) {
        rounds.push(round.data);
      }
    }
    return { launches, rounds };
  }

  async addLaunch(launch: Launch): Promise<void> {
    await this.write(`launch-${pad(launch.launch)}.json`, launch);
  }

  async addRound(round: Round): Promise<void> {
    await this.write(`round-${pad(round.round)}-batch-${pad(round.batch_size)}.json`, round);
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  private async write(name: string, value: Launch | Round): Promise<void> {
    const path = join(this.dir, name);
    try {
      await mkdir(this.dir, { recursive: true });
      await writeFileAtomic(path, JSON.stringify(value));
    } catch (thrown) {
      throw cannotWrite(path, thrown);
    }
  }
}

/** So that names sort as numbers do. */
function pad(value: number): string {
  return String(value).padStart(6, '0');
}

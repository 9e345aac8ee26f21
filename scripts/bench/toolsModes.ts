// Parts of bench:tools: what `choose` costs as a process and as a call, and whether eight writers lose
// an observation.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choose } from '../../src/decide/modes/choose.ts';
import { judgeTracked } from '../../src/decide/modes/tracker.ts';
import { planSchema, type Plan } from '../../src/records/plan.ts';
import { ObservationLog } from '../../src/store/observations.ts';
import { median } from './common.ts';

const REPEATS = 25;
const CALLS = 20_000;
const WRITERS = 8;
const PER_WRITER = 10_000;
const DEPLOYMENTS = ['tiny', 'small', 'medium', 'large', 'tiny.int8', 'small.int8', 'medium.int8', 'large.int8'];
const MODES = ['standard', 'high_speed', 'food_safety'];

export interface ChooseProcess {
  readonly choose_ms: number;
  readonly node_ms: number;
  readonly choose_process_over_node: number;
}

/** `beltbench choose` as built, on a line's plan with a log of 10,000 observations, over `node -e 0`: medians of runs in turn. */
export async function chooseProcess(): Promise<ChooseProcess> {
  return await inPlanFolder(async (planPath) => {
    await fillLog(planPath, 10_000);
    const command = ['dist/cli/main.js', 'choose', '--plan', planPath, '--mode', 'high_speed', '--json'];
    // Whoever is first validates the plan and summarises the log, once.
    timeOf(command);
    const chosen: number[] = [];
    const bare: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      bare.push(timeOf(['-e', '0']));
      chosen.push(timeOf(command));
    }
    const [chooseMs, nodeMs] = [median(chosen), median(bare)];
    return { choose_ms: chooseMs, node_ms: nodeMs, choose_process_over_node: chooseMs / nodeMs };
  });
}

/** Microseconds of one call, warm, with the plan and the log at hand; the median of batches, over all modes and kinds of ask. */
export async function chooseCallUs(): Promise<number> {
  return await inPlanFolder(async (planPath) => {
    await fillLog(planPath, 10_000);
    const tracker = judgeTracked(PLAN, (await new ObservationLog(planPath).read()).tracked);
    const asks = MODES.flatMap((mode) => [{ mode }, { mode, preferred: 'large' }, { mode, failed: ['tiny', 'small'] }]);
    const batches: number[] = [];
    for (let batch = 0; batch < 20; batch += 1) {
      const start = performance.now();
      for (let call = 0; call < CALLS / 20; call += 1) {
        choose(PLAN, asks[call % asks.length] ?? { mode: 'standard' }, tracker, { memoryMb: 500, threads: 2 });
      }
      batches.push(((performance.now() - start) * 1000) / (CALLS / 20));
    }
    return median(batches);
  });
}

export interface Writers {
  readonly writers: number;
  readonly per_writer: number;
  readonly lost: number;
  readonly damaged: number;
  readonly seconds: number;
}

/** Eight processes append 10,000 observations each to one log at the same time; how many are not there afterwards. */
export async function eightWriters(): Promise<Writers> {
  return await inPlanFolder(async (planPath) => {
    const start = performance.now();
    const names = DEPLOYMENTS.slice(0, WRITERS);
    await Promise.all(names.map(async (name) => await append(planPath, name)));
    const seconds = (performance.now() - start) / 1000;
    const { tracked, damaged } = await new ObservationLog(planPath).read();
    const found = tracked.reduce((sum, { total }) => sum + total, 0);
    return { writers: WRITERS, per_writer: PER_WRITER, lost: WRITERS * PER_WRITER - found, damaged, seconds };
  });
}

async function append(planPath: string, deployment: string): Promise<void> {
  const script = join(import.meta.dirname, '../../test/fixtures/appendObservations.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, planPath, deployment, String(PER_WRITER)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) {
    throw new Error(`a writer ended with ${code}`);
  }
}

function timeOf(args: readonly string[]): number {
  const start = performance.now();
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = performance.now() - start;
  if (child.status !== 0) {
    throw new Error(`\`node ${args.join(' ')}\` failed: ${child.stderr}`);
  }
  return ms;
}

async function inPlanFolder<Result>(use: (planPath: string) => Promise<Result>): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-bench-'));
  try {
    const planPath = join(dir, 'plan.json');
    await writeFile(planPath, JSON.stringify(PLAN));
    return await use(planPath);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Every deployment in every mode in turn. */
async function fillLog(planPath: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => {
    const deployment = DEPLOYMENTS[index % DEPLOYMENTS.length];
    const mode = MODES[Math.floor(index / DEPLOYMENTS.length) % MODES.length];
    const about = { at: '2026-03-01T08:00:00.000Z', deployment, mode, revision: null };
    return `\n${JSON.stringify({ kind: 'performance', ...about, work: 10, seconds: 0.1, success: true })}\n`;
  });
  await writeFile(new ObservationLog(planPath).path, lines.join(''));
}

const PLAN: Plan = planSchema.parse({
  schema: 'beltbench/plan',
  version: 1,
  kind: 'line',
  deployments: Object.fromEntries(
    DEPLOYMENTS.map((id, index) => [
      id,
      {
        memory_mb: 100 + 50 * index,
        threads: 1,
        benchmark: { units_per_second: 100 - index },
        modes: Object.fromEntries(
          MODES.map((mode) => [
            mode,
            {
              suitable: true,
              quality_score: 0.9 + index / 100,
              speed_score: 1 - index / 10,
              thresholds: { target_from: 0.5, certified_recall: 0.995, targets: 566, misses: 0, review_band: null },
              requirements: [
                { requirement: 'budget', verdict: 'PASS', reason: 'none of 1,000 inferences over 30.00 ms' },
                {
                  requirement: 'recall',
                  verdict: mode === 'food_safety' && index < 4 ? 'NOT_ENOUGH_DATA' : 'PASS',
                  reason: '0 of 566 missed',
                },
              ],
            },
          ]),
        ),
      },
    ]),
  ),
  modes: Object.fromEntries(
    MODES.map((mode) => [
      mode,
      { budget_ms: 30, target_recall: 0.99, confidence: 0.95, priorities: ['speed', 'quality'] },
    ]),
  ),
  last_resort: 'stop',
  equal_within: { quality: 0.015, speed: 0.05 },
});

// A part of bench:tools: how long a listing of 1,000 checkpoints takes, as a process.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { runBuilt } from './runBuilt.ts';

const CHECKPOINTS = 1000;

/** Seconds of `checkpoints` over one training log of 1,000 epochs, with confusion matrices. */
export async function checkpointsSeconds(): Promise<number> {
  const folder = await mkdtemp(join(os.tmpdir(), 'beltbench-checkpoints-'));
  try {
    const log = join(folder, 'metrics.jsonl');
    await writeFile(
      log,
      `${Array.from({ length: CHECKPOINTS }, (_, epoch) => linesOf(epoch))
        .flat()
        .join('\n')}\n`,
    );
    return runBuilt(['checkpoints', '--log', log, '--json', '--quiet'], { cwd: folder, repeats: 5 });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function linesOf(epoch: number): string[] {
  const evalLoss = 0.3 + Math.exp(-epoch / 200) + 0.01 * Math.sin(epoch);
  const missed = 100 + Math.round(50 * Math.sin(epoch));
  return [
    JSON.stringify({ epoch, phase: 'train', train_loss: evalLoss - 0.05 }),
    JSON.stringify({
      epoch,
      phase: 'val',
      val_loss: evalLoss,
      val_accuracy: 0.9,
      val_confusion_matrix: [
        [600, 60],
        [missed, 566 - missed],
      ],
    }),
  ];
}

import { basename, dirname, join, resolve } from 'node:path';
import { readTrainingLog } from '../../store/trainingLog.ts';
import { rankCheckpoints } from '../../decide/checkpoints/rank.ts';
import type { CheckpointRanking, RankedCheckpoint } from '../../records/checkpoints.ts';
import { renderCheckpointCurves } from '../../report/checkpointCurves.ts';
import { formatShare } from '../../shared/units.ts';
import { AT_OUT } from '../../store/cannotWrite.ts';
import { writeTextFile } from '../../store/textFile.ts';
import type { Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';

export interface CheckpointsArgs {
  readonly log: readonly string[];
  readonly targetIndex: number | undefined;
  readonly out: string | undefined;
  readonly all: boolean;
}

/** Of a confusion matrix of two classes, the second row. */
const DEFAULT_TARGET_INDEX = 1;
const SHOWN = 10;
const CAVEAT =
  'The score is a legacy rule (0.5 eval_loss + 0.3 gap + 0.1 perplexity + bonus; lower is better): it is blind to recall and flatters missing data. It says nothing of food safety.\n';

/** `beltbench checkpoints --log FILE...`: which checkpoint of a training to take, by the earlier tools' score. */
export async function runCheckpoints(args: CheckpointsArgs): Promise<Outcome> {
  const rankings: CheckpointRanking[] = [];
  const curves: string[] = [];
  const names = curveNames(args.log);
  for (const [index, path] of args.log.entries()) {
    const ranking = rankCheckpoints(await readTrainingLog(path), args.targetIndex ?? DEFAULT_TARGET_INDEX);
    rankings.push(ranking);
    if (args.out !== undefined) {
      const file = join(args.out, names[index] ?? `${basename(path)}.svg`);
      await writeTextFile(file, renderCheckpointCurves(ranking), AT_OUT);
      curves.push(file);
    }
  }
  return {
    document: { command: 'checkpoints', rankings, curves },
    text: `${rankings.map((ranking) => describe(ranking, args.all)).join('\n')}${CAVEAT}${curves.map((file) => `curves: ${file}\n`).join('')}`,
    exitCode: 0,
  };
}

/** The log's own name; with its folder where several have it, and a number where even that is taken. */
function curveNames(logs: readonly string[]): string[] {
  // Some file systems do not tell capitals from small letters.
  const names = logs.map((path) => basename(path).toLowerCase());
  const taken = new Set<string>();
  return logs.map((path, index) => {
    const isShared = names.some((name, other) => other !== index && name === names[index]);
    const start = isShared ? `${basename(dirname(resolve(path)))}-${basename(path)}` : basename(path);
    let file = `${start}.svg`;
    for (let number = 2; taken.has(file.toLowerCase()); number += 1) {
      file = `${start}.${number}.svg`;
    }
    taken.add(file.toLowerCase());
    return file;
  });
}

function describe(ranking: CheckpointRanking, all: boolean): string {
  const { checkpoints, best_epoch: best, divergence } = ranking;
  const ranked = checkpoints.filter(({ rank }) => rank !== null);
  const shown = all ? checkpoints : ranked.slice(0, SHOWN);
  const more = checkpoints.length - shown.length;
  const chosen = checkpoints.find(({ is_best: isBest }) => isBest);
  const lines = [
    printable(ranking.source),
    best === null ? 'no checkpoint has a usable validation loss' : bestLine(ranking),
    ...(ranking.disagreement === null ? [] : [ranking.disagreement]),
    ...(divergence === null
      ? []
      : [
          `training and validation diverge from epoch ${divergence.epoch} on (Mann-Kendall, one-sided: validation rises p = ${divergence.eval_rise_p.toPrecision(2)}, training falls p = ${divergence.train_fall_p.toPrecision(2)})`,
        ]),
    ...(ranking.target_index === null
      ? []
      : [`target: row ${ranking.target_index} of the confusion matrix, counted from 0 (--target-index)`]),
    ...(chosen?.confusion === null || chosen === undefined
      ? []
      : [`confusion matrix of epoch ${chosen.epoch}, a row per true class: ${JSON.stringify(chosen.confusion)}`]),
    ...ranking.notes.map((note) => `note: ${printable(note)}`),
  ];
  const table = renderTable(
    ['rank', 'epoch', 'score', 'loss', 'gap', 'perplexity', 'bonus', 'eval_loss', 'train_loss', 'target recall', ''],
    shown.map(cells),
  );
  return `${lines.join('\n')}\n${table}${more > 0 ? `${more} more; --all shows them\n` : ''}`;
}

function bestLine({ best_epoch: epoch, best_step: step, best_checkpoint_path: path }: CheckpointRanking): string {
  const where = path === null ? 'the log names no file' : printable(path);
  return `best by score: epoch ${epoch}${step === null ? '' : `, step ${step}`} (${where})`;
}

function cells(checkpoint: RankedCheckpoint): string[] {
  const { terms, score, score_range: range, train_loss: trainLoss, eval_loss: evalLoss } = checkpoint;
  const scored = range === null ? fixed(score) : `${range[0].toFixed(6)} to ${range[1].toFixed(6)}`;
  return [
    checkpoint.rank === null ? 'not ranked' : String(checkpoint.rank),
    String(checkpoint.epoch),
    checkpoint.unscored ?? scored,
    fixed(terms?.loss),
    trainLoss === null ? 'unknown' : fixed(terms?.gap),
    fixed(terms?.perplexity),
    fixed(terms?.bonus),
    evalLoss?.toFixed(4) ?? 'unknown',
    trainLoss?.toFixed(4) ?? 'unknown',
    formatShare(checkpoint.target_recall?.value),
    checkpoint.is_best ? 'best' : '',
  ];
}

function fixed(value: number | null | undefined): string {
  return value?.toFixed(6) ?? '';
}

import { scaleLinear, type ScaleLinear } from 'd3-scale';
import type { CheckpointRanking, RankedCheckpoint } from '../records/checkpoints.ts';
import { element, picture, shorten, textAt } from './svg.ts';

const WIDTH = 900;
const HEIGHT = 420;
const PLOT = { left: 60, right: 620, top: 64, bottom: 370 } as const;
/** Where the legend begins, right of the recall's axis. */
const LEGEND = PLOT.right + 60;
const FAINT = '#666666';

interface Curve {
  readonly axis: 'loss' | 'recall';
  readonly name: (ranking: CheckpointRanking) => string;
  readonly colour: string;
  readonly dash: string;
  readonly valueOf: (checkpoint: RankedCheckpoint) => number | null;
}

/** Told apart by their dashes as well. */
const CURVES: readonly Curve[] = [
  {
    axis: 'loss',
    name: () => 'validation loss',
    colour: '#d55e00',
    dash: 'none',
    valueOf: ({ eval_loss: loss }) => loss,
  },
  {
    axis: 'loss',
    name: () => 'training loss',
    colour: '#0072b2',
    dash: '7 4',
    valueOf: ({ train_loss: loss }) => loss,
  },
  {
    axis: 'recall',
    name: ({ target_index: row }) => `recall of row ${row} (right)`,
    colour: '#767676',
    dash: '2 3',
    valueOf: ({ target_recall: recall }) => recall?.value ?? null,
  },
];

/** From an epoch, a loss and a recall to a place in the picture. */
interface Scales {
  readonly epoch: ScaleLinear<number, number>;
  readonly loss: ScaleLinear<number, number>;
  readonly recall: ScaleLinear<number, number>;
}

/** The losses (left axis) and the target's recall (right axis) over the epochs, with the score's choice. The same ranking gives the same bytes. */
export function renderCheckpointCurves(ranking: CheckpointRanking): string {
  const checkpoints = ranking.checkpoints.toSorted((a, b) => a.epoch - b.epoch);
  const scales = scalesOf(checkpoints);
  const title = `${shorten(ranking.source, 80)}: losses by epoch`;
  return picture(
    { width: WIDTH, height: HEIGHT, title },
    textAt(PLOT.left, 30, title, { 'font-size': 16, 'font-weight': 600 }),
    ...lossAxis(scales),
    ...(checkpoints.some(({ target_recall: recall }) => recall !== null) ? recallAxis(scales) : []),
    ...epochAxis(scales),
    ...CURVES.flatMap((curve, index) => drawCurve(curve, curve.name(ranking), index, checkpoints, scales)),
    ...marks(ranking, checkpoints).flatMap((mark, index) => drawMark(mark, CURVES.length + index, scales)),
  );
}

function scalesOf(checkpoints: readonly RankedCheckpoint[]): Scales {
  const losses = checkpoints.flatMap(({ eval_loss: validation, train_loss: training }) =>
    [validation, training].filter((loss) => loss !== null),
  );
  const first = checkpoints[0]?.epoch ?? 0;
  const last = checkpoints.at(-1)?.epoch ?? 0;
  const most = losses.reduce((a, b) => Math.max(a, b), 0.1);
  return {
    epoch: scaleLinear([first, Math.max(last, first + 1)], [PLOT.left, PLOT.right]),
    loss: scaleLinear([0, most * 1.05], [PLOT.bottom, PLOT.top]),
    recall: scaleLinear([0, 1.05], [PLOT.bottom, PLOT.top]),
  };
}

function lossAxis({ loss }: Scales): string[] {
  return [
    ...loss
      .ticks(5)
      .flatMap((tick) => [
        line(PLOT.left, loss(tick), PLOT.right, loss(tick)),
        label(tick, PLOT.left - 8, loss(tick) + 4, 'end'),
      ]),
    textAt(PLOT.left, PLOT.top - 12, 'loss', { 'text-anchor': 'middle', fill: FAINT }),
  ];
}

function recallAxis({ recall }: Scales): string[] {
  return [
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) =>
      textAt(PLOT.right + 8, recall(tick) + 4, `${Math.round(tick * 100)} %`, { fill: FAINT }),
    ),
    textAt(PLOT.right, PLOT.top - 12, 'recall', { 'text-anchor': 'middle', fill: FAINT }),
  ];
}

function epochAxis({ epoch }: Scales): string[] {
  return [
    ...epoch
      .ticks(8)
      .filter(Number.isInteger)
      .map((tick) => label(tick, epoch(tick), PLOT.bottom + 20, 'middle')),
    textAt((PLOT.left + PLOT.right) / 2, PLOT.bottom + 42, 'epoch', { 'text-anchor': 'middle', fill: FAINT }),
  ];
}

/** An epoch worth a line across the picture. */
interface Mark {
  readonly name: string;
  readonly epoch: number;
  readonly colour: string;
}

function marks({ best_epoch: best, divergence }: CheckpointRanking, checkpoints: readonly RankedCheckpoint[]): Mark[] {
  return [
    ...(best === null ? [] : [{ name: 'best score', epoch: best, colour: '#009e73' }]),
    ...(divergence === null ? [] : [{ name: 'divergence', epoch: divergence.epoch, colour: '#cc79a7' }]),
    ...sizeChanges(checkpoints).map(([size, epoch]) => ({ name: `input ${size}`, epoch, colour: '#767676' })),
  ];
}

function drawMark({ name, epoch, colour }: Mark, row: number, scales: Scales): string[] {
  const x = scales.epoch(epoch);
  return [
    element('line', { x1: x, x2: x, y1: PLOT.top, y2: PLOT.bottom, stroke: colour, 'stroke-width': 2 }),
    textAt(LEGEND, PLOT.top + 14 + 24 * row, `| ${name}: epoch ${epoch}`, { fill: colour }),
  ];
}

/** The sizes after the first, each with the epoch it begins at; a gap in the curves is due to them. */
function sizeChanges(checkpoints: readonly RankedCheckpoint[]): (readonly [size: string, epoch: number])[] {
  return checkpoints.flatMap(({ input_size: size, epoch }, index) =>
    index > 0 && String(size) !== String(checkpoints[index - 1]?.input_size)
      ? [[size?.join(' x ') ?? 'unknown', epoch] as const]
      : [],
  );
}

/** Broken where an epoch has no such number, and at a change of the input size, where losses do not compare. */
function drawCurve(
  { axis, colour, dash, valueOf }: Curve,
  name: string,
  row: number,
  checkpoints: readonly RankedCheckpoint[],
  scales: Scales,
): string[] {
  let path = '';
  let joined = false;
  let size = '';
  for (const checkpoint of checkpoints) {
    const value = valueOf(checkpoint);
    const now = String(checkpoint.input_size);
    joined &&= now === size;
    size = now;
    if (value !== null) {
      path += `${joined ? 'L' : 'M'}${scales.epoch(checkpoint.epoch).toFixed(1)} ${scales[axis](value).toFixed(1)}`;
    }
    joined = value !== null;
  }
  if (path === '') {
    return [];
  }
  const at = PLOT.top + 10 + 24 * row;
  return [
    element('path', { d: path, fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash }),
    element('line', {
      x1: LEGEND,
      x2: LEGEND + 30,
      y1: at,
      y2: at,
      stroke: colour,
      'stroke-width': 2,
      'stroke-dasharray': dash,
    }),
    textAt(LEGEND + 38, at + 4, name),
  ];
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return element('line', { x1, y1, x2, y2, stroke: '#dddddd', 'stroke-width': 1 });
}

function label(tick: number, x: number, y: number, anchor: string): string {
  return textAt(x, y, String(tick), { 'text-anchor': anchor, fill: FAINT });
}

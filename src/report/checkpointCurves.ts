import { scaleLinear } from 'd3-scale';
import type { CheckpointRanking, RankedCheckpoint } from '../records/checkpoints.ts';
import { element, escapeXml, shorten, textAt } from './svg.ts';

const WIDTH = 900;
const HEIGHT = 420;
const PLOT = { left: 60, right: 620, top: 64, bottom: 370 } as const;
/** Where the legend begins, right of the recall's axis. */
const LEGEND = PLOT.right + 60;
const INK = '#222222';
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

/** The losses (left axis) and the target's recall (right axis) over the epochs, with the score's choice. The same ranking gives the same bytes. */
export function renderCheckpointCurves(ranking: CheckpointRanking): string {
  const checkpoints = ranking.checkpoints.toSorted((a, b) => a.epoch - b.epoch);
  const losses = checkpoints.flatMap(({ eval_loss: validation, train_loss: training }) => [
    validation ?? 0,
    training ?? 0,
  ]);
  const hasRecall = checkpoints.some(({ target_recall: recall }) => recall !== null);
  const epochs = checkpoints.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const x = scaleLinear([first, Math.max(last, first + 1)], [PLOT.left, PLOT.right]);
  const y = scaleLinear([0, Math.max(...losses, 0.1) * 1.05], [PLOT.bottom, PLOT.top]);
  const scales = { loss: y, recall: scaleLinear([0, 1.05], [PLOT.bottom, PLOT.top]) };
  const title = `${shorten(ranking.source, 80)}: losses by epoch`;
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: 'img',
      'font-family': 'system-ui, sans-serif',
      'font-size': 13,
      fill: INK,
    },
    element('title', {}, escapeXml(title)),
    element('rect', { width: WIDTH, height: HEIGHT, fill: '#ffffff' }),
    textAt(PLOT.left, 30, title, { 'font-size': 16, 'font-weight': 600 }),
    ...y
      .ticks(5)
      .flatMap((tick) => [
        line(PLOT.left, y(tick), PLOT.right, y(tick)),
        label(tick, PLOT.left - 8, y(tick) + 4, 'end'),
      ]),
    textAt(PLOT.left, PLOT.top - 12, 'loss', { 'text-anchor': 'middle', fill: FAINT }),
    ...(hasRecall
      ? [
          ...[0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) =>
            textAt(PLOT.right + 8, scales.recall(tick) + 4, `${Math.round(tick * 100)} %`, { fill: FAINT }),
          ),
          textAt(PLOT.right, PLOT.top - 12, 'recall', { 'text-anchor': 'middle', fill: FAINT }),
        ]
      : []),
    ...x
      .ticks(8)
      .filter(Number.isInteger)
      .map((tick) => label(tick, x(tick), PLOT.bottom + 20, 'middle')),
    textAt((PLOT.left + PLOT.right) / 2, PLOT.bottom + 42, 'epoch', { 'text-anchor': 'middle', fill: FAINT }),
    ...CURVES.flatMap((curve, index) =>
      drawCurve(curve, curve.name(ranking), index, checkpoints, x, scales[curve.axis]),
    ),
    ...mark('best score', ranking.best_epoch, '#009e73', 3),
    ...mark('divergence', ranking.divergence?.epoch ?? null, '#cc79a7', 4),
    ...sizeChanges(checkpoints).flatMap(([size, epoch], index) => mark(`input ${size}`, epoch, '#767676', 5 + index)),
  )}\n`;

  function mark(name: string, epoch: number | null, colour: string, row: number): string[] {
    if (epoch === null) {
      return [];
    }
    const at = { x1: x(epoch), x2: x(epoch), y1: PLOT.top, y2: PLOT.bottom, stroke: colour, 'stroke-width': 2 };
    return [
      element('line', at),
      textAt(LEGEND, PLOT.top + 14 + 24 * row, `| ${name}: epoch ${epoch}`, { fill: colour }),
    ];
  }
}

/** The sizes after the first, each with the epoch it begins at; a gap in the curves is due to them. */
function sizeChanges(checkpoints: readonly RankedCheckpoint[]): (readonly [size: string, epoch: number])[] {
  return checkpoints.flatMap(({ input_size: size, epoch }, index) =>
    index > 0 && String(size) !== String(checkpoints[index - 1]?.input_size)
      ? [[size?.join(' x ') ?? 'unknown', epoch] as const]
      : [],
  );
}

type Scale = (value: number) => number;

/** Broken where an epoch has no such number, and at a change of the input size, where losses do not compare. */
function drawCurve(
  { colour, dash, valueOf }: Curve,
  name: string,
  row: number,
  checkpoints: readonly RankedCheckpoint[],
  x: Scale,
  y: Scale,
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
      path += `${joined ? 'L' : 'M'}${x(checkpoint.epoch).toFixed(1)} ${y(value).toFixed(1)}`;
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

import { scaleLinear } from 'd3-scale';
import type { CheckpointRanking, RankedCheckpoint } from '../records/checkpoints.ts';
import { element, escapeXml, shorten, textAt } from './svg.ts';

const WIDTH = 820;
const HEIGHT = 420;
const PLOT = { left: 60, right: 640, top: 60, bottom: 370 } as const;
const INK = '#222222';
const FAINT = '#666666';

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly valueOf: (checkpoint: RankedCheckpoint) => number | null;
}

/** Told apart by their dashes as well. */
const CURVES: readonly Curve[] = [
  { name: 'validation loss', colour: '#d55e00', dash: 'none', valueOf: ({ eval_loss: loss }) => loss },
  { name: 'training loss', colour: '#0072b2', dash: '7 4', valueOf: ({ train_loss: loss }) => loss },
  {
    name: 'target recall',
    colour: '#767676',
    dash: '2 3',
    valueOf: ({ target_recall: recall }) => recall?.value ?? null,
  },
];

/** The losses and the target's recall over the epochs, with the score's choice. The same ranking gives the same bytes. */
export function renderCheckpointCurves(ranking: CheckpointRanking): string {
  const checkpoints = ranking.checkpoints.toSorted((a, b) => a.epoch - b.epoch);
  const values = checkpoints.flatMap((each) => CURVES.map(({ valueOf }) => valueOf(each) ?? 0));
  const epochs = checkpoints.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const x = scaleLinear([first, Math.max(last, first + 1)], [PLOT.left, PLOT.right]);
  const y = scaleLinear([0, Math.max(...values, 0.1) * 1.05], [PLOT.bottom, PLOT.top]);
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
    ...x
      .ticks(8)
      .filter(Number.isInteger)
      .map((tick) => label(tick, x(tick), PLOT.bottom + 20, 'middle')),
    textAt((PLOT.left + PLOT.right) / 2, PLOT.bottom + 42, 'epoch', { 'text-anchor': 'middle', fill: FAINT }),
    ...CURVES.flatMap((curve, index) => drawCurve(curve, index, checkpoints, x, y)),
    ...mark('best score', ranking.best_epoch, '#009e73', 3),
    ...mark('divergence', ranking.divergence?.epoch ?? null, '#cc79a7', 4),
  )}\n`;

  function mark(name: string, epoch: number | null, colour: string, row: number): string[] {
    if (epoch === null) {
      return [];
    }
    const at = { x1: x(epoch), x2: x(epoch), y1: PLOT.top, y2: PLOT.bottom, stroke: colour, 'stroke-width': 2 };
    return [
      element('line', at),
      textAt(PLOT.right + 20, PLOT.top + 14 + 24 * row, `| ${name}: epoch ${epoch}`, { fill: colour }),
    ];
  }
}

type Scale = (value: number) => number;

/** Broken where an epoch has no such number, and at a change of the input size, where losses do not compare. */
function drawCurve(
  { name, colour, dash, valueOf }: Curve,
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
      x1: PLOT.right + 20,
      x2: PLOT.right + 50,
      y1: at,
      y2: at,
      stroke: colour,
      'stroke-width': 2,
      'stroke-dasharray': dash,
    }),
    textAt(PLOT.right + 58, at + 4, name),
  ];
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return element('line', { x1, y1, x2, y2, stroke: '#dddddd', 'stroke-width': 1 });
}

function label(tick: number, x: number, y: number, anchor: string): string {
  return textAt(x, y, String(tick), { 'text-anchor': anchor, fill: FAINT });
}

import { scaleLinear, type ScaleLinear } from 'd3-scale';
import type { ComparedVariant, Comparison } from '../records/comparison.ts';
import { formatMargin, formatPoints, formatRatio } from '../shared/units.ts';
import { placeMarks } from './comparison/marks.ts';
import { drawingOf, type Bar, type Drawing, type Point } from './comparison/points.ts';
import { verdictLine } from './comparison/verdicts.ts';
import { element, INK, picture, shorten, textAt } from './svg.ts';

const WIDTH = 1010;
const PLOT = { left: 70, right: 620, top: 70, bottom: 420 } as const;
const LEGEND = { left: 650, top: 84, rowHeight: 52 } as const;
const FAINT = '#666666';

/** Told apart by shape as well. */
const COLOURS: Readonly<Record<Point['kind'], string>> = {
  reference: INK,
  good: '#0072b2',
  bad: '#d55e00',
  open: '#767676',
};

interface Axes {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

/**
 * The chart `compare-GROUP.svg`: latency against accuracy, with the intervals of the paired differences
 * to the reference. The same comparison gives the same bytes.
 */
export function renderComparisonChart(comparison: Comparison): string {
  const drawing = drawingOf(comparison);
  const rows = drawing.points.length;
  const height = Math.max(PLOT.bottom + 70, LEGEND.top + (rows + 1) * LEGEND.rowHeight);
  const title = `${comparison.group}: latency and accuracy`;
  return picture(
    { width: WIDTH, height, title },
    textAt(PLOT.left, 30, shorten(title, 80), { 'font-size': 18, 'font-weight': 600 }),
    textAt(PLOT.left, 52, subtitle(comparison, drawing), { fill: FAINT }),
    ...(rows === 0
      ? [textAt(PLOT.left, 100, 'No model has both a latency and an accuracy.')]
      : plot(comparison, drawing)),
  );
}

function subtitle({ reference, notice }: Comparison, { notDrawn }: Drawing): string {
  const legendOfBars = `Bars: 95 % intervals of the paired difference to ${shorten(reference.id, 40)} (R).`;
  const missing = notDrawn.length === 0 ? '' : ` Not drawn: ${shorten(notDrawn.join(', '), 40)}.`;
  return shorten(`${legendOfBars}${missing}${notice === null ? '' : ` ${notice}`}`, 125);
}

function plot(comparison: Comparison, { points }: Drawing): string[] {
  const axes = axesOf(points, comparison);
  const places = points.map(({ latencyMs, accuracyPercent }) => ({
    x: axes.x(latencyMs.value),
    y: axes.y(accuracyPercent.value),
  }));
  const marks = placeMarks(places);
  return [
    ...bands(points, comparison, axes),
    ...axisLines(axes),
    ...budgetLine(comparison, axes),
    ...points.flatMap((point, index) => [
      ...bars(point, axes),
      shape(point.kind, places[index]?.x ?? 0, places[index]?.y ?? 0),
    ]),
    ...points.map(({ mark }, index) =>
      textAt(marks[index]?.x ?? 0, (marks[index]?.y ?? 0) + 5, mark, { 'text-anchor': 'middle', 'font-weight': 600 }),
    ),
    ...legend(comparison, points),
  ];
}

/** Latency from 0 on, so that lengths are ratios; accuracy around what there is and the margin. */
function axesOf(points: readonly Point[], { rules, reference }: Comparison): Axes {
  const latencies = points.flatMap(({ latencyMs }) => endsOf(latencyMs));
  const slowest = Math.max(...latencies);
  const budget = reference.latency?.budget_ms ?? 0;
  const longest = budget <= 1.3 * slowest ? Math.max(slowest, budget) : slowest;
  // A margin of many points would flatten everything else.
  const margin = Math.min(100 * rules.accuracy_margin, 5);
  const accuracies = points.flatMap(({ kind, accuracyPercent }) =>
    kind === 'reference'
      ? [accuracyPercent.value - margin, accuracyPercent.value + margin]
      : [...endsOf(accuracyPercent)],
  );
  const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
  const pad = Math.max(0.1 * (high - low), 0.1);
  return {
    x: scaleLinear([0, longest * 1.06], [PLOT.left, PLOT.right]),
    y: scaleLinear([Math.max(0, low - pad), Math.min(100 + pad / 2, high + pad)], [PLOT.bottom, PLOT.top]),
  };
}

function endsOf({ value, interval }: Bar): readonly number[] {
  return interval === null ? [value] : [value, ...interval];
}

/** What counts as equal to the reference, and the lines through it. */
function bands(points: readonly Point[], { rules }: Comparison, { x, y }: Axes): string[] {
  const reference = points.find(({ kind }) => kind === 'reference');
  if (reference === undefined) {
    return [];
  }
  const [latency, accuracy] = [reference.latencyMs.value, reference.accuracyPercent.value];
  const top = Math.max(y(accuracy + 100 * rules.accuracy_margin), PLOT.top);
  const bottom = Math.min(y(accuracy - 100 * rules.accuracy_margin), PLOT.bottom);
  const [from, until] = [x(latency / (1 + rules.speed_margin)), x(latency * (1 + rules.speed_margin))];
  const dashed = { stroke: '#999999', 'stroke-dasharray': '4 4' };
  return [
    element('rect', { x: PLOT.left, y: top, width: PLOT.right - PLOT.left, height: bottom - top, fill: '#eef3f7' }),
    element('rect', { x: from, y: PLOT.top, width: until - from, height: PLOT.bottom - PLOT.top, fill: '#e3ebf2' }),
    element('line', { x1: PLOT.left, x2: PLOT.right, y1: y(accuracy), y2: y(accuracy), ...dashed }),
    element('line', { x1: x(latency), x2: x(latency), y1: PLOT.top, y2: PLOT.bottom, ...dashed }),
    textAt(PLOT.left + 6, top + 14, `within ${formatMargin(rules.accuracy_margin)} points of R`, {
      'font-size': 11,
      fill: FAINT,
    }),
  ];
}

function axisLines({ x, y }: Axes): string[] {
  const tick = { stroke: INK };
  const axisTitle = { 'text-anchor': 'middle', fill: INK };
  const middle = { x: (PLOT.left + PLOT.right) / 2, y: (PLOT.top + PLOT.bottom) / 2 };
  const [xText, yText] = [x.tickFormat(7), y.tickFormat(7)];
  return [
    element('path', { d: `M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}`, fill: 'none', ...tick }),
    ...x
      .ticks(7)
      .flatMap((value) => [
        element('line', { x1: x(value), x2: x(value), y1: PLOT.bottom, y2: PLOT.bottom + 5, ...tick }),
        textAt(x(value), PLOT.bottom + 20, xText(value), { 'text-anchor': 'middle' }),
      ]),
    ...y
      .ticks(7)
      .flatMap((value) =>
        value > 100
          ? []
          : [
              element('line', { x1: PLOT.left - 5, x2: PLOT.left, y1: y(value), y2: y(value), ...tick }),
              textAt(PLOT.left - 9, y(value) + 4, yText(value), { 'text-anchor': 'end' }),
            ],
      ),
    textAt(middle.x, PLOT.bottom + 44, 'Latency, ms (median; variants by their paired ratio to R)', axisTitle),
    textAt(0, 0, 'Accuracy, %', { ...axisTitle, transform: `translate(20 ${middle.y}) rotate(-90)` }),
  ];
}

function budgetLine({ reference }: Comparison, { x }: Axes): string[] {
  const budget = reference.latency?.budget_ms;
  if (budget === undefined || x(budget) > PLOT.right) {
    return [];
  }
  return [
    element('line', { x1: x(budget), x2: x(budget), y1: PLOT.top, y2: PLOT.bottom, stroke: '#b00020' }),
    textAt(x(budget) - 4, PLOT.bottom - 8, `budget ${budget} ms`, {
      'text-anchor': 'end',
      'font-size': 11,
      fill: '#b00020',
    }),
  ];
}

function bars({ kind, latencyMs, accuracyPercent }: Point, { x, y }: Axes): string[] {
  const stroke = { stroke: COLOURS[kind], 'stroke-width': 1.5 };
  const [across, up] = [latencyMs.interval, accuracyPercent.interval];
  const [left, top] = [x(latencyMs.value), y(accuracyPercent.value)];
  return [
    ...(across === null ? [] : [element('line', { x1: x(across[0]), x2: x(across[1]), y1: top, y2: top, ...stroke })]),
    ...(up === null ? [] : [element('line', { x1: left, x2: left, y1: y(up[0]), y2: y(up[1]), ...stroke })]),
  ];
}

function shape(kind: Point['kind'], x: number, y: number): string {
  const colour = COLOURS[kind];
  switch (kind) {
    case 'reference':
      return element('rect', { x: x - 5, y: y - 5, width: 10, height: 10, fill: colour });
    case 'good':
      return element('circle', { cx: x, cy: y, r: 6, fill: colour });
    case 'bad':
      return element('rect', {
        x: -5.5,
        y: -5.5,
        width: 11,
        height: 11,
        fill: colour,
        transform: `translate(${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}) rotate(45)`,
      });
    case 'open':
      return element('circle', { cx: x, cy: y, r: 5.5, fill: '#ffffff', stroke: colour, 'stroke-width': 2 });
  }
}

/** Each mark with its name, its numbers and its verdicts. */
function legend({ variants, target_class: target }: Comparison, points: readonly Point[]): string[] {
  return points.flatMap((point, row) => {
    const y = LEGEND.top + row * LEGEND.rowHeight;
    const variant = variants.find(({ id }) => id === point.id);
    const lines = variant === undefined ? ['the reference'] : [numbersOf(variant), verdictLine(variant, target)];
    return [
      shape(point.kind, LEGEND.left, y),
      textAt(LEGEND.left + 14, y + 4, point.mark, { 'font-weight': 600 }),
      textAt(LEGEND.left + 36, y + 4, shorten(point.id, 34)),
      ...lines.map((line, index) =>
        textAt(LEGEND.left + 36, y + 19 + 13 * index, shorten(line, 58), { 'font-size': 10, fill: FAINT }),
      ),
    ];
  });
}

function numbersOf({ speed: { ratio }, accuracy_difference: { difference } }: ComparedVariant): string {
  return [
    ...(ratio === null ? [] : [`${formatRatio(ratio)} of the latency`]),
    ...(difference === null ? [] : [`${formatPoints(difference)} of accuracy`]),
  ].join(', ');
}

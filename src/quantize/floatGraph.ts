import { cleanShapes } from '../onnx/rewrite/cleanShapes.ts';
import { fuseGelu } from '../onnx/rewrite/fuseGelu.ts';
import { fuseLayerNorm } from '../onnx/rewrite/fuseLayerNorm.ts';
import type { GraphEditor } from '../onnx/rewrite/graphEditor.ts';
import { grnEveryNthToken } from '../onnx/rewrite/grn/everyNthToken.ts';
import { freezeGrn, grnTaps } from '../onnx/rewrite/grn/freezeGrn.ts';
import { rewriteGrn } from '../onnx/rewrite/grn/rewriteGrn.ts';
import { linearToGemm } from '../onnx/rewrite/linearToGemm.ts';
import type { Pass, PassReport } from '../onnx/rewrite/pass.ts';
import { runPasses } from '../onnx/rewrite/runPasses.ts';
import { smooth, smoothableLinears, unsmoothable } from '../onnx/rewrite/smoothing.ts';
import { smoothingDivisors } from '../onnx/rewrite/smoothingDivisors.ts';
import { tanhGelu } from '../onnx/rewrite/tanhGelu.ts';
import type { Recipe } from '../records/recipe.ts';
import { BASIC_PASSES } from './basicPasses.ts';
import { nameNodes } from './planning/nameNodes.ts';
import { foldStem } from './planning/foldStem.ts';
import { patchesToGemm } from './planning/patchesToGemm.ts';
import { planQuantization } from './planning/planQuantization.ts';
import type { StatisticsByValue } from './observeProtocol.ts';
import type { Tap } from './statistics.ts';

/** Observes values of a graph as it stands while the calibration images run through it. */
export type Observe = (graph: GraphEditor, taps: readonly Tap[]) => Promise<StatisticsByValue>;

/**
 * Brings a float graph into the form that quantizes well: the exact passes first, then what the
 * recipe approximates, then what depends on calibration (a frozen GRN, SmoothQuant's divisors), and
 * at last the layouts that only pay with integers.
 *
 * @param graph its inputs have fixed sizes
 * @param observe called at most once, and only where the recipe needs it
 */
export async function prepareFloatGraph(graph: GraphEditor, recipe: Recipe, observe: Observe): Promise<PassReport[]> {
  const reports = runPasses(graph, [...exactPasses(), ...approximatePasses(recipe)]);
  nameNodes(graph);
  reports.push(...(await applyStatistics(graph, recipe, observe)));
  // Last, because SmoothQuant looks for the convolutions that exporters write.
  return [...reports, ...runPasses(graph, [foldStem(recipe.keep_float), patchesToGemm, cleanShapes])];
}

async function applyStatistics(graph: GraphEditor, recipe: Recipe, observe: Observe): Promise<PassReport[]> {
  if (recipe.grn !== 'frozen' && recipe.smooth_quant === null) {
    return [];
  }
  const grns = recipe.grn === 'frozen' ? grnTaps(graph) : [];
  const inputs = recipe.smooth_quant === null ? [] : smoothableLinears(graph);
  const taps = [
    ...grns,
    ...inputs.map(({ input, inputChannelAxis }) => ({ value: input, channelAxis: inputChannelAxis })),
  ];
  const statistics = taps.length === 0 ? new Map() : await observe(graph, uniqueTaps(taps));
  const reports: PassReport[] = [];
  if (recipe.grn === 'frozen') {
    reports.push(...runPasses(graph, [freezeGrn((value) => statistics.get(value)?.channels?.mean), cleanShapes]));
  }
  if (recipe.smooth_quant !== null) {
    reports.push(smoothLinears(graph, recipe, recipe.smooth_quant, statistics));
  }
  return reports;
}

function exactPasses(): readonly Pass[] {
  return [...BASIC_PASSES, fuseLayerNorm, fuseGelu, linearToGemm, cleanShapes, rewriteGrn, cleanShapes];
}

function approximatePasses({ gelu, grn }: Recipe): readonly Pass[] {
  const subset = { every_4th_token: 4, every_8th_token: 8 } as const;
  return [
    ...(gelu === 'tanh' ? [tanhGelu] : []),
    ...(grn === 'every_4th_token' || grn === 'every_8th_token' ? [grnEveryNthToken(subset[grn])] : []),
  ];
}

/** Only layers that will be integers are smoothed: elsewhere it would change nothing but the rounding. */
function smoothLinears(graph: GraphEditor, recipe: Recipe, alpha: number, statistics: StatisticsByValue): PassReport {
  const planned = new Set(planQuantization(graph, recipe).nodes.map(({ name }) => name));
  let rewritten = 0;
  // What is smoothable is asked anew: freezing a GRN folds it into the weights of the next layer.
  for (const { linear, input, weightRowMax } of smoothableLinears(graph)) {
    const channels = statistics.get(input)?.channels;
    if (channels !== undefined && planned.has(linear)) {
      const largest = channels.min.map((min, index) => Math.max(-min, channels.max[index] ?? 0));
      smooth(graph, linear, smoothingDivisors(largest, weightRowMax, alpha));
      rewritten += 1;
    }
  }
  return { name: 'smooth', exact: true, rewritten, leftAlone: unsmoothable(graph) };
}

function uniqueTaps(taps: readonly Tap[]): readonly Tap[] {
  return [...new Map(taps.map((tap) => [tap.value, tap])).values()];
}

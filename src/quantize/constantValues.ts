import { badModel, quoted } from '../onnx/badModel.ts';
import type { GraphEditor } from '../onnx/rewrite/graphEditor.ts';
import type { BeltbenchError } from '../shared/errors.ts';
import type { StatisticsByValue } from './observeProtocol.ts';
import type { QuantizationPlan } from './plan.ts';
import type { Tap, ValueStatistics } from './statistics.ts';

/** One image says nothing of what changes with the image. */
const FEWEST_IMAGES = 2;

/**
 * What to observe beside the ranges that a plan needs: the answers, class by class, so that those
 * that are not finite or always the same are found even where nothing before them is rounded.
 *
 * @returns the plan's taps and those of the graph's outputs, each value once
 */
export function withOutputs(graph: GraphEditor, planned: QuantizationPlan['values']): readonly Tap[] {
  const outputs = graph.outputs.map(({ name }): Tap => {
    const rank = graph.shape(name)?.length ?? 0;
    return { value: name, channelAxis: rank > 0 ? rank - 1 : undefined };
  });
  const needed = planned.map((tap) => ({
    ...tap,
    channelAxis: tap.channelAxis ?? outputs.find(({ value }) => value === tap.value)?.channelAxis,
  }));
  return [...needed, ...outputs.filter(({ value }) => !planned.some((tap) => tap.value === value))];
}

/**
 * The nodes whose rounded results were the same for every image, everywhere in a channel: dead layers.
 *
 * @param path of the model, for the message
 * @param images how many were seen
 * @throws BeltbenchError `bad_model` when an output did not depend on the image at all
 */
export function constantNodes(
  path: string,
  graph: GraphEditor,
  planned: QuantizationPlan['values'],
  statistics: StatisticsByValue,
  images: number,
): readonly string[] {
  if (images < FEWEST_IMAGES) {
    return [];
  }
  const dead = planned
    .map(({ value }) => value)
    .filter((value) => !changes(statistics.get(value)))
    .map((value) => graph.producer(value)?.name ?? value);
  const constant = graph.outputs.find(({ name }) => !changes(statistics.get(name)));
  if (constant !== undefined) {
    throw constantOutput(path, graph.producer(constant.name)?.name ?? constant.name, dead, images);
  }
  return dead;
}

function constantOutput(path: string, node: string, [first]: readonly string[], images: number): BeltbenchError {
  const cause =
    first === undefined
      ? 'its weights may be lost, or the images be all alike'
      : `already ${quoted(first)} answers so, because its weights are lost or the images are all alike`;
  return badModel(
    path,
    `what ${quoted(node)} answers must depend on the image, received the same for all ${images} calibration images (${cause}): export the model again, or name other images`,
  );
}

/** Whether any channel of a value had two different numbers. */
function changes(seen: ValueStatistics | undefined): boolean {
  const channels = seen?.channels;
  return channels === undefined
    ? seen?.min !== seen?.max
    : channels.min.some((min, channel) => min !== channels.max[channel]);
}

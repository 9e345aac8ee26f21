import { type GraphOutput, openGraph } from '../runtime/graphSession.ts';
import { serve } from '../runtime/serve.ts';
import { feedImages } from './imageFeed.ts';
import { PREPARED_MODEL } from './scratchFolder.ts';
import type { MeasureParams, MeasureResult } from './sensitivity.ts';

async function measure({ modelPath, layers, threads, ...source }: MeasureParams): Promise<MeasureResult> {
  const session = await openGraph(modelPath, { label: PREPARED_MODEL, threads, yielding: true });
  const { height, width } = source.inputSize;
  const sums = layers.map(() => ({ signal: 0, noise: 0 }));
  for await (const { tensor } of feedImages(source)) {
    const outputs = await session.run(tensor, [1, 3, height, width]);
    for (const [index, { floatValue, quantizedValue }] of layers.entries()) {
      const { signal, noise } = compare(outputs.get(floatValue), outputs.get(quantizedValue));
      const sum = sums[index];
      if (sum !== undefined) {
        sum.signal += signal;
        sum.noise += noise;
      }
    }
    // The runtime hands out fresh arrays that V8 takes for small, and would let pile up.
    globalThis.gc?.();
  }
  return { sums };
}

function compare(exact: GraphOutput | undefined, rounded: GraphOutput | undefined): { signal: number; noise: number } {
  if (exact === undefined || rounded?.values.length !== exact.values.length) {
    throw new Error('a layer and its quantized form have outputs of different sizes');
  }
  let signal = 0;
  let noise = 0;
  for (let index = 0; index < exact.values.length; index += 1) {
    const value = exact.values[index] ?? NaN;
    signal += value * value;
    noise += (value - (rounded.values[index] ?? NaN)) ** 2;
  }
  return { signal, noise };
}

serve({ measure });

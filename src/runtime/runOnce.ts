import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { sessionOptions } from './session.ts';

/** A float32 tensor, row-major. */
export interface FloatTensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/**
 * Runs a model that is not in a file once, on one thread of this process.
 *
 * @param model the bytes of an ONNX file
 * @returns the float32 outputs by name
 * @throws BeltbenchError `inference_failed` when the runtime refuses the model or cannot run it
 */
export async function runOnce(
  model: Uint8Array,
  inputs: Readonly<Record<string, FloatTensor>>,
): Promise<ReadonlyMap<string, FloatTensor>> {
  try {
    const session = await InferenceSession.create(model, sessionOptions({ threads: 1 }));
    try {
      const outputs = await session.run(
        Object.fromEntries(
          Object.entries(inputs).map(([name, { dims, values }]) => [name, new Tensor('float32', values, dims)]),
        ),
      );
      return new Map(Object.entries(outputs).map(([name, output]) => [name, floatsOf(name, output)]));
    } finally {
      await session.release();
    }
  } catch (thrown) {
    throw new BeltbenchError(
      'inference_failed',
      `onnxruntime cannot run a small model made for it: ${reasonOf(thrown)}; install beltbench again`,
      { cause: thrown },
    );
  }
}

function floatsOf(name: string, { data, dims, type }: Tensor): FloatTensor {
  if (!(data instanceof Float32Array)) {
    throw new TypeError(`the output ${name} is ${type}`);
  }
  return { dims, values: data };
}

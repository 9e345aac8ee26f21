import { auditModel } from '../../onnx/audit.ts';
import { portText, takesImages, valuesPerImage } from '../../onnx/audit/ports.ts';
import type { ModelPort } from '../../records/model.ts';
import { BeltbenchError } from '../../shared/errors.ts';

/** What of a model file a card needs, or why the file is passed by. */
export type DescribedModel =
  | {
      readonly usable: true;
      readonly inputSize: number | readonly [number, number] | undefined;
      readonly classCount: number | undefined;
      /** What speaks against feeding it images, if anything does. */
      readonly doubt: string | undefined;
    }
  | { readonly usable: false; readonly reason: string };

const CHANNELS = 3;

/** Reads a model file as `inspect` does; nothing is run. */
export async function describeModel(path: string): Promise<DescribedModel> {
  try {
    const { inputs, outputs } = await auditModel(path);
    const [input] = inputs;
    const [output] = outputs;
    if (input === undefined || output === undefined || inputs.length !== 1) {
      return {
        usable: false,
        reason: `a classifier has one input and an output, it has ${inputs.length} inputs and ${outputs.length} outputs`,
      };
    }
    const classCount = valuesPerImage(output);
    return {
      usable: true,
      inputSize: inputSizeOf(input),
      classCount: classCount !== undefined && classCount > 0 ? classCount : undefined,
      doubt: doubtOf(input),
    };
  } catch (thrown) {
    if (thrown instanceof BeltbenchError) {
      return { usable: false, reason: withoutPath(thrown.message, path) };
    }
    throw thrown;
  }
}

function inputSizeOf({ shape }: ModelPort): number | [number, number] | undefined {
  const [, channels, height, width] = shape ?? [];
  if (typeof height !== 'number' || typeof width !== 'number' || channels !== CHANNELS || height < 1 || width < 1) {
    return undefined;
  }
  return height === width ? height : [height, width];
}

function doubtOf(input: ModelPort): string | undefined {
  return takesImages(input)
    ? undefined
    : `Its input ${input.name} is ${portText(input)}, but images are fed as float32 [batch, 3, height, width]. Can it be exported so?`;
}

/** The file is named already where the reason is told. */
function withoutPath(message: string, path: string): string {
  return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
}

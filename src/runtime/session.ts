import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/** What may differ between two sessions of one model; all of it is in the benchmark key. */
export interface SessionSettings {
  readonly threads: number;
}

/** A model that is loaded and answers one batch at a time. */
export interface Classifier {
  readonly inputName: string;
  /** [batch, channels, height, width]; `undefined` where the file leaves the dimension open. */
  readonly inputShape: readonly (number | undefined)[];
  /** Wraps NCHW float32 values as an input, so that wrapping is not timed. */
  readonly toInput: (values: Float32Array, dims: readonly number[]) => Tensor;
  /** Runs one batch and returns the outputs, row by row: [batch * classes] float32. */
  readonly run: (input: Tensor) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/**
 * The options every session of the product is opened with. One inter-op thread, because these graphs
 * are chains; the rest are the runtime's defaults, written out so that the record shows them.
 */
export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    enableMemPattern: true,
    logSeverityLevel: 3,
  };
}

/**
 * Opens a session on a model file.
 *
 * @throws BeltbenchError `bad_model` when the runtime refuses the file, or it is not a classifier of one image input
 */
export async function openClassifier(modelPath: string, settings: SessionSettings): Promise<Classifier> {
  const session = await InferenceSession.create(modelPath, sessionOptions(settings)).catch((thrown: unknown) => {
    throw new BeltbenchError('bad_model', `${modelPath} cannot be loaded: ${reasonOf(thrown)}; export it again`);
  });
  const { inputName, inputShape, outputName } = assertClassifier(modelPath, session);
  return {
    inputName,
    inputShape,
    toInput: (values, dims) => new Tensor('float32', values, dims),
    run: async (input) => {
      const outputs = await session.run({ [inputName]: input });
      return floats(modelPath, outputs[outputName]);
    },
    close: () => session.release(),
  };
}

function assertClassifier(modelPath: string, session: InferenceSession) {
  const fail = (message: string): never => {
    throw new BeltbenchError('bad_model', `${modelPath}: ${message}`);
  };
  const [input, ...moreInputs] = session.inputMetadata;
  const outputName = session.outputNames[0];
  if (input === undefined || outputName === undefined || moreInputs.length > 0) {
    return fail(
      `a classifier has one input, received ${session.inputNames.length} (${session.inputNames.join(', ')}); export it with the image as its only input`,
    );
  }
  if (!input.isTensor || input.type !== 'float32' || input.shape.length !== 4) {
    return fail(
      `the input \`${input.name}\` must be float32 with 4 dimensions (batch, channels, height, width), received ${
        input.isTensor ? `${input.type} [${input.shape.join(', ')}]` : 'no tensor'
      }; export it so`,
    );
  }
  const inputShape = input.shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : undefined));
  if (inputShape[1] !== undefined && inputShape[1] !== 3) {
    return fail(
      `the input \`${input.name}\` must have 3 channels, received ${inputShape[1]}; export it for RGB in NCHW order`,
    );
  }
  return { inputName: input.name, inputShape, outputName };
}

function floats(modelPath: string, output: Tensor | undefined): Float32Array {
  if (output?.type !== 'float32' || !(output.data instanceof Float32Array)) {
    throw new BeltbenchError(
      'bad_model',
      `${modelPath}: the first output must be float32, received ${output?.type ?? 'nothing'}; export the class scores as float32`,
    );
  }
  return output.data;
}

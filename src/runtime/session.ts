import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/** What may differ between two sessions of one model; all of it is in the benchmark key. */
export interface SessionSettings {
  readonly threads: number;
}

/** A model that is loaded and answers one batch at a time. */
export interface Classifier {
  /**
   * Wraps NCHW float32 values as an input, so that wrapping is not timed.
   *
   * @throws BeltbenchError `bad_model` when the file fixes another size than `dims`
   */
  readonly toInput: (values: Float32Array, dims: readonly number[]) => Tensor;
  /**
   * Runs one batch and returns the outputs, row by row: [batch * classes] float32.
   *
   * @throws BeltbenchError `inference_failed` when the runtime cannot run the graph, `bad_model` when the outputs are not float32
   */
  readonly run: (input: Tensor) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** [batch, channels, height, width]; `undefined` where the file leaves the size open. */
type InputShape = readonly (number | undefined)[];

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
    toInput: (values, dims) => {
      assertTakes(modelPath, inputShape, dims);
      return new Tensor('float32', values, dims);
    },
    run: async (input) => {
      try {
        const outputs = await session.run({ [inputName]: input });
        return floats(modelPath, outputs[outputName]);
      } catch (thrown) {
        throw thrown instanceof BeltbenchError ? thrown : cannotRun(modelPath, input, thrown);
      }
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
  const inputShape = input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : undefined));
  const [, channels] = inputShape;
  if (channels !== undefined && channels !== 3) {
    return fail(
      `the input \`${input.name}\` must have 3 channels, received ${channels}; export it for RGB in NCHW order`,
    );
  }
  return { inputName: input.name, inputShape, outputName };
}

/** The runtime would say it too, with the whole graph's context, and only when it runs. */
function assertTakes(modelPath: string, inputShape: InputShape, dims: readonly number[]): void {
  const [batch] = inputShape;
  if (batch !== undefined && batch !== dims[0]) {
    throw new BeltbenchError(
      'bad_model',
      `${modelPath} takes batches of ${batch} only, received a batch of ${dims[0]}; correct \`benchmarking.batch_sizes\` or export it with a dynamic batch`,
    );
  }
  if (inputShape.some((size, axis) => size !== undefined && size !== dims[axis])) {
    throw new BeltbenchError(
      'bad_model',
      `${modelPath} takes [${inputShape.map((size) => size ?? '?').join(', ')}], received [${dims.join(', ')}]; correct \`input_size\` in the model card`,
    );
  }
}

function cannotRun(modelPath: string, input: Tensor, thrown: unknown): BeltbenchError {
  return new BeltbenchError(
    'inference_failed',
    `${modelPath} cannot be run on [${input.dims.join(', ')}]: ${reasonOf(thrown)}; export it again, or correct \`input_size\` in the model card`,
    { cause: thrown },
  );
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

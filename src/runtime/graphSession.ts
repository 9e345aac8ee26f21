import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { sessionOptions } from './session.ts';

export interface GraphSettings {
  /** What messages call the model: its path, unless it is a file that the user never sees. */
  readonly label?: string;
  readonly threads: number;
  /** `all`, as everywhere in the product, unless said otherwise. */
  readonly optimization?: 'all' | 'disabled';
  /** The runtime's threads leave their cores between two operators, for other threads of the process; never to be timed. */
  readonly yielding?: boolean;
  /** Where the runtime writes the graph as it runs it, with its own kernels in it. */
  readonly dumpPath?: string;
  /** The beginning of the path of the profile that `close` completes; the runtime adds the time and `.json`. */
  readonly profilePrefix?: string;
}

/** The numbers of one value of the graph, row-major. */
export interface GraphOutput {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Any graph of one float input, with all its outputs; a classifier's session is `openClassifier`. */
export interface GraphSession {
  readonly inputName: string;
  /**
   * Runs the graph once; the arrays belong to the caller.
   *
   * @throws BeltbenchError `inference_failed` when the runtime cannot run it on `dims`, `bad_model` when an output is not float32
   */
  readonly run: (values: Float32Array, dims: readonly number[]) => Promise<ReadonlyMap<string, GraphOutput>>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a model for a look inside: with values of the graph as outputs, a dump or a profile. The
 * session's other options are those of accuracy and timing.
 *
 * @throws BeltbenchError `bad_model` when the runtime refuses the file or it has several inputs
 */
export async function openGraph(modelPath: string, settings: GraphSettings): Promise<GraphSession> {
  const { label = modelPath, yielding, dumpPath, profilePrefix } = settings;
  const session = await InferenceSession.create(modelPath, {
    ...sessionOptions({ threads: settings.threads }),
    graphOptimizationLevel: settings.optimization ?? 'all',
    ...(yielding === true && { extra: { session: { intra_op: { allow_spinning: '0' } } } }),
    ...(dumpPath !== undefined && { optimizedModelFilePath: dumpPath }),
    ...(profilePrefix !== undefined && { enableProfiling: true, profileFilePrefix: profilePrefix }),
  }).catch((thrown: unknown) => {
    // The runtime names the file, which the label stands for.
    const reason = reasonOf(thrown).replace(`Load model from ${modelPath} failed:`, '');
    throw new BeltbenchError('bad_model', `${label} cannot be loaded: ${reason}; export it again`);
  });
  const [inputName, ...others] = session.inputNames;
  if (inputName === undefined || others.length > 0) {
    throw new BeltbenchError(
      'bad_model',
      `${label}: a classifier has one input, received ${session.inputNames.length} (${session.inputNames.join(', ')}); export it with the image as its only input`,
    );
  }
  return {
    inputName,
    run: async (values, dims) => {
      const outputs = await session
        .run({ [inputName]: new Tensor('float32', values, dims) })
        .catch((thrown: unknown) => {
          throw new BeltbenchError(
            'inference_failed',
            `${label} cannot be run on [${dims.join(', ')}]: ${reasonOf(thrown)}; export it again, or correct \`input_size\` in the model card`,
            { cause: thrown },
          );
        });
      return new Map(Object.entries(outputs).map(([name, output]) => [name, toOutput(label, name, output)]));
    },
    close: async () => {
      if (profilePrefix !== undefined) {
        session.endProfiling();
      }
      await session.release();
    },
  };
}

function toOutput(label: string, name: string, output: Tensor): GraphOutput {
  if (!(output.data instanceof Float32Array)) {
    throw new BeltbenchError(
      'bad_model',
      `${label}: the output \`${name}\` must be float32, received ${output.type}; export the model in float32`,
    );
  }
  return { dims: output.dims, values: output.data };
}

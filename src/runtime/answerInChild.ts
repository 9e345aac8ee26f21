import { besideModule, startIsolate } from './isolate.ts';
import type { GraphOutput } from './graphSession.ts';

export interface AnswerParams {
  readonly modelPath: string;
  readonly input: GraphOutput;
}

/**
 * Runs a model of one float32 input once, in a child process of its own and as the product runs
 * every model, on one thread.
 *
 * @returns the outputs by name
 * @throws BeltbenchError `bad_model` when the runtime refuses the file, `inference_failed` when it cannot
 * run it, `process_lost` when its process ends of it or of something else
 */
export async function answerInChild(modelPath: string, input: GraphOutput): Promise<ReadonlyMap<string, GraphOutput>> {
  const child = startIsolate(besideModule(import.meta.url, 'answerChild'), modelPath);
  try {
    return await child.call('answer', { modelPath, input } satisfies AnswerParams);
  } finally {
    await child.close();
  }
}

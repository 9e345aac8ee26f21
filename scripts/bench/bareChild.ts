// The reference that the product is held against: a session with the same options and nothing else
// of ours around it, in a process of its own.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { preprocess } from '../../src/datasets/preprocess.ts';
import { serve } from '../../src/runtime/serve.ts';
import { sessionOptions } from '../../src/runtime/session.ts';
import { INPUT_SIZE, PREPROCESSING } from './common.ts';

export interface BareOpen {
  readonly modelPath: string;
  readonly threads: number;
  readonly imagePaths: readonly string[];
  readonly warmup: number;
}

class BareLoop {
  private readonly session: InferenceSession;
  private readonly feeds: readonly Record<string, Tensor>[];
  private next = 0;

  constructor(session: InferenceSession, feeds: readonly Record<string, Tensor>[]) {
    this.session = session;
    this.feeds = feeds;
  }

  /** Times each run by itself, as the plainest harness would; in milliseconds. */
  async time(count: number): Promise<number[]> {
    const samples: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const feed = this.feeds[this.next % this.feeds.length] ?? {};
      this.next += 1;
      const start = process.hrtime.bigint();
      await this.session.run(feed);
      samples.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
    return samples;
  }
}

async function openLoop({ modelPath, threads, imagePaths, warmup }: BareOpen): Promise<BareLoop> {
  const session = await InferenceSession.create(modelPath, sessionOptions({ threads }));
  const [name = ''] = session.inputNames;
  const tensors = await Promise.all(imagePaths.map((path) => preprocess(path, PREPROCESSING, INPUT_SIZE)));
  const feeds = tensors.map(({ tensor }) => ({
    [name]: new Tensor('float32', tensor, [1, 3, INPUT_SIZE.height, INPUT_SIZE.width]),
  }));
  const loop = new BareLoop(session, feeds);
  await loop.time(warmup);
  return loop;
}

function main(): void {
  let loop: BareLoop | undefined;
  serve({
    open: async (params: BareOpen): Promise<void> => {
      loop = await openLoop(params);
    },
    time: async ({ count }: { count: number }): Promise<number[]> => await (loop?.time(count) ?? []),
  });
}

main();

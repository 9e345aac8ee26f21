import { openGraph, type GraphSession } from '../runtime/graphSession.ts';
import { serve } from '../runtime/serve.ts';
import type { CalibrateOpenParams, ObserveParams, ObserveResult } from './calibrateProtocol.ts';
import { feedImages, type FedImage } from './imageFeed.ts';
import type { StatisticsByValue } from './observeProtocol.ts';
import { startObserveThread, type ObserveThread } from './observeThread.ts';

/** Runs images through the tapped model and has the values of each tap observed. */
class Observation {
  private readonly session: GraphSession;
  private readonly images: AsyncGenerator<FedImage>;
  private readonly dims: readonly number[];
  private readonly values: readonly string[];
  private readonly thread: ObserveThread;

  constructor(session: GraphSession, params: CalibrateOpenParams) {
    this.session = session;
    this.images = feedImages(params);
    this.dims = [1, 3, params.inputSize.height, params.inputSize.width];
    this.values = [...new Set(params.taps.map(({ value }) => value))];
    this.thread = startObserveThread(params.taps);
  }

  async statistics(): Promise<StatisticsByValue> {
    return await this.thread.statistics();
  }

  async observe({ count }: ObserveParams): Promise<ObserveResult> {
    for (let observed = 0; observed < count; observed += 1) {
      const step = await this.images.next();
      if (step.done === true) {
        return { observed, done: true };
      }
      await this.observeImage(step.value);
    }
    return { observed: count, done: false };
  }

  private async observeImage({ path, tensor }: FedImage): Promise<void> {
    const outputs = await this.session.run(tensor, this.dims);
    const observed = this.values.map((value) => {
      const output = value === this.session.inputName ? { dims: this.dims, values: tensor } : outputs.get(value);
      if (output === undefined) {
        throw new Error(`the tapped model has no output ${value}`);
      }
      return { value, dims: output.dims, numbers: output.values };
    });
    await this.thread.observe(path, observed);
  }
}

function main(): void {
  let observation: Observation | undefined;
  const opened = (): Observation => {
    if (observation === undefined) {
      throw new Error('asked before open');
    }
    return observation;
  };
  serve({
    open: async (params: CalibrateOpenParams): Promise<void> => {
      const { modelPath, label, threads } = params;
      observation = new Observation(await openGraph(modelPath, { label, threads, yielding: true }), params);
    },
    observe: async (params: ObserveParams): Promise<ObserveResult> => await opened().observe(params),
    statistics: async (): Promise<StatisticsByValue> => await opened().statistics(),
  });
}

main();

import type { Preprocessing, Size } from '../config/preprocessing.ts';
import type { Launch, Round } from '../records/latency.ts';
import type { StageSettings } from './stages.ts';

/** What the measuring child is opened with. */
export interface OpenParams {
  readonly launch: number;
  readonly modelPath: string;
  readonly threads: number;
  readonly inputSize: Size;
  readonly preprocessing: Preprocessing;
  /** Images to feed in rotation; all are decoded before the first sample. */
  readonly imagePaths: readonly string[];
  readonly batchSizes: readonly number[];
  readonly warmupIterations: number;
  readonly stageSettings: StageSettings;
}

/** What one turn of the child is asked for. */
export interface TurnParams {
  readonly batchSize: number;
  readonly iterations: number;
  readonly settleIterations: number;
  /** How many images go the whole path, from the file to the decision. */
  readonly stageIterations: number;
}

/** What the child knows of its turn; the parent adds what it sees from outside. */
export type TurnResult = Pick<
  Round,
  'started_at' | 'settle_ms' | 'samples_ms' | 'start_offsets_ms' | 'stages' | 'gc' | 'idle_cpu_share' | 'peak_rss_bytes'
> & {
  /** CPU time of the whole turn, the wait for the runtime's threads to come to rest included. */
  readonly cpu_ms: number;
};

/** What the child knows of its launch; the parent adds the machine's state. */
export type LaunchResult = Omit<Launch, 'host'>;

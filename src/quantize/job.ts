import type { Preprocessing, Size } from '../config/preprocessing.ts';
import type { LeftAlone, PassReport } from '../onnx/rewrite/pass.ts';
import type { Recipe } from '../records/recipe.ts';
import type { ProvenNode } from './prove.ts';
import type { OperatorTime } from './profiling/readProfile.ts';

/** One calibration image; its hash goes into the manifest. */
export interface CalibrationImage {
  readonly path: string;
  readonly contentHash: string;
}

/** One INT8 file to make. */
export interface QuantizeJob {
  readonly modelPath: string;
  /** Where the file is to stand; nothing stands there unless its fusion was proven. */
  readonly outPath: string;
  readonly recipe: Recipe;
  readonly images: readonly CalibrationImage[];
  readonly preprocessing: Preprocessing;
  readonly inputSize: Size;
  readonly threads: number;
  /** Written into the ONNX metadata beside the names of the nodes that stay float. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What was made, for the manifest and the record of a trial. */
export interface QuantizedModel {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly sourceSha256: string;
  readonly passes: readonly PassReport[];
  /** Nodes that became integer kernels, by kernel. */
  readonly kernels: Readonly<Record<string, number>>;
  /** Each of those nodes, by the name that `keep_float` takes, and its kernel. */
  readonly nodes: readonly ProvenNode[];
  /** Nodes that could have been quantized and stay float, with the reason. */
  readonly leftFloat: readonly LeftAlone[];
  /** Nodes that gave the same numbers whatever the calibration image. */
  readonly constantNodes: readonly string[];
  readonly int8MultiplyAddShare: number | null;
  readonly seconds: {
    readonly rewrite: number;
    readonly calibrate: number;
    readonly write: number;
    readonly prove: number;
    readonly profile: number;
  };
  /** Where an inference's time goes, the slowest operator first. */
  readonly profile: { readonly threads: number; readonly operators: readonly OperatorTime[] };
}

export type QuantizePhase = 'rewrite' | 'calibrate' | 'write' | 'prove' | 'profile' | 'rank';

/** Called between two steps of a phase. */
export type OnQuantizeProgress = (phase: QuantizePhase, done: number, total: number) => void;

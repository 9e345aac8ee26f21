import type { Preprocessing, Size } from '../config/preprocessing.ts';

/** One image to evaluate. */
export interface EvaluateItem {
  readonly id: string;
  readonly path: string;
}

/** What the evaluating child is opened with. */
export interface EvaluateOpenParams {
  readonly modelPath: string;
  readonly threads: number;
  readonly inputSize: Size;
  readonly preprocessing: Preprocessing;
  readonly items: readonly EvaluateItem[];
}

/** The child answers up to `count` images at a time, so that the parent can tell progress. */
export interface NextParams {
  readonly count: number;
}

/** One image's raw outputs [classes], with the hash of the bytes that were read; or why there are none. */
export type EvaluatedRow =
  | { readonly id: string; readonly ok: true; readonly contentHash: string; readonly outputs: Float32Array }
  | { readonly id: string; readonly ok: false; readonly reason: string };

export interface NextResult {
  readonly rows: readonly EvaluatedRow[];
  readonly done: boolean;
}

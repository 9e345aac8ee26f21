import type { SearchGoals } from '../../quantize/search/judge.ts';
import type { SearchResult } from '../../quantize/search/search.ts';
import type { QuantizationManifest } from '../../records/quantization.ts';

/** What a search came to. */
export interface SearchOutcome {
  readonly goals: SearchGoals;
  readonly result: SearchResult;
  readonly images: number;
  readonly reused: number;
  /** Of the chosen recipe's file; `undefined`: no trial holds the limit, and no file is written. */
  readonly manifest: QuantizationManifest | undefined;
}

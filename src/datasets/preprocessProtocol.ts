import type { Preprocessing, Size } from '../config/preprocessing.ts';
import type { UnreadableKind } from '../records/dataset.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { PreprocessedImage } from './preprocess.ts';

/** What the preprocessing thread is started with. */
export interface ThreadSettings {
  readonly spec: Preprocessing;
  readonly size: Size;
}

export interface LoadRequest {
  readonly id: number;
  readonly path: string;
}

/** An error as it crosses threads, where classes and their extra fields are lost. */
export type SentError =
  | { readonly is: 'unreadable'; readonly name: string; readonly kind: UnreadableKind; readonly detail: string }
  | { readonly is: 'known'; readonly code: ErrorCode; readonly message: string }
  | { readonly is: 'bug'; readonly thrown: unknown };

export type LoadResponse =
  | { readonly id: number; readonly ok: true; readonly image: PreprocessedImage }
  | { readonly id: number; readonly ok: false; readonly error: SentError };

import type { ErrorCode } from '../shared/errors.ts';

/** What the parent asks of an isolated child. */
export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** What the child answers: a result, or an error told apart into the user's mistakes and our bugs. */
export type Response =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: { message: string; code: ErrorCode | undefined; stack: string | undefined };
    };

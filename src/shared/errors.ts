/** What went wrong, in one word per remedy: who has to act, and on what. */
export type ErrorCode =
  | 'bad_usage'
  | 'bad_study'
  | 'bad_card'
  | 'bad_model'
  | 'bad_dataset'
  | 'bad_record'
  | 'cannot_write'
  | 'inference_failed'
  | 'tracking_server'
  | 'interrupted';

/**
 * The base of every error a user can cause and can mend. The command line prints its message as
 * one line and exits with 2. Anything else that is thrown is a bug of ours and keeps its stack.
 *
 * A message says the rule, the value received and the way out, on one line.
 */
export class BeltbenchError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*[\r\n]+\s*/g, ' '), options);
    this.name = 'BeltbenchError';
    this.code = code;
  }
}

/** The message of whatever was thrown, for a sentence that says why something failed. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

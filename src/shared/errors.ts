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
  | 'process_lost'
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

/** The same, of a system's error without the call and the path, for a sentence that names the path already. */
export function reasonWithoutPath(thrown: unknown): string {
  const reason = reasonOf(thrown);
  const call = thrown instanceof Error && 'syscall' in thrown ? thrown.syscall : undefined;
  return typeof call === 'string' ? reason.replace(new RegExp(`, ${call}\\b.*$`, 's'), '') : reason;
}

/** What was thrown, where it is an error that a user can mend; a bug of ours is thrown on. */
export function asKnown(thrown: unknown): BeltbenchError {
  if (thrown instanceof BeltbenchError) {
    return thrown;
  }
  throw thrown;
}

/** The code that the system gives its errors, such as `ENOENT`. */
export function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

/** Whether an error says that there is no such file; any other says nothing of whether there is one. */
export function isMissing(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(String(codeOf(thrown)));
}

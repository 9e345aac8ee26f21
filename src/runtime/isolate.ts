import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BeltbenchError } from '../shared/errors.ts';
import { loaderOptions } from './loaderOptions.ts';
import { lastWords, TailOfText } from './lastWords.ts';
import type { Request, Response } from './protocol.ts';

/** A child process that holds one model, so that no other model's threads, heap or arena disturb it. */
export interface Isolate {
  /** Asks the child for `method`; requests are answered in order. */
  readonly call: <Result>(method: string, params?: unknown) => Promise<Result>;
  /** Ends the child and waits for its end; safe to call twice. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The path of a child's module beside the caller, whether the product runs from `src` or built.
 *
 * @param callerUrl the caller's `import.meta.url`
 */
export function besideModule(callerUrl: string, name: string): string {
  const extension = callerUrl.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${extension}`, callerUrl));
}

/**
 * Starts a child process on a module that calls `serve`.
 *
 * @param label names the child in messages
 * @throws (from `call`) BeltbenchError for the child's known errors, `process_lost` or `interrupted` for its sudden end; an Error with the child's stack for a bug
 */
export function startIsolate(modulePath: string, label: string): Isolate {
  const child = fork(modulePath, [], {
    execArgv: [...loaderOptions(process.execArgv), '--expose-gc'],
    // The runtime's Linux builds carry telemetry, which leaves files in the system's temporary folder.
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stderr = new TailOfText();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.add(text));
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let whyGone: (() => BeltbenchError) | undefined;

  const gone = new Promise<void>((resolve) => {
    const end = (why: () => BeltbenchError): void => {
      whyGone ??= why;
      for (const { reject } of waiting.values()) {
        reject(whyGone());
      }
      waiting.clear();
      resolve();
    };
    child.on('error', (error) => end(() => neverStarted(label, error)));
    // Not `exit`, which comes before the last answers and the last words have been read.
    child.on('close', (code, signal) => end(() => ended(label, code, signal, stderr.text)));
  });
  child.on('message', (message) => settle(waiting, message as Response));

  return {
    call: <Result>(method: string, params?: unknown) =>
      new Promise<Result>((resolve, reject) => {
        if (whyGone !== undefined) {
          reject(whyGone());
          return;
        }
        const id = ++lastId;
        // The child's module answers each method with its own declared type.
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
        // A child that cannot be reached is at its end: `close` follows, and says why.
        child.send({ id, method, params } satisfies Request, () => undefined);
      }),
    close: async () => {
      endChild(child);
      await gone;
    },
  };
}

function endChild(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
  }
}

function neverStarted(label: string, error: Error): BeltbenchError {
  return new BeltbenchError(
    'process_lost',
    `the process for ${label} could not be started: ${error.message}; close other programs and run again`,
    { cause: error },
  );
}

/**
 * What ended a process need not be its model: another program may take its memory, or kill it. Only what
 * the runtime answers is a finding about a model.
 *
 * Ctrl-C and SIGTERM may reach all processes, and find a child that is still loading without its handlers.
 */
function ended(label: string, code: number | null, signal: NodeJS.Signals | null, stderr: string): BeltbenchError {
  const how = signal === null ? `exit code ${code}` : `${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}`;
  const words = lastWords(stderr);
  return new BeltbenchError(
    signal === 'SIGINT' || signal === 'SIGTERM' ? 'interrupted' : 'process_lost',
    `the process for ${label} ended with ${how}${words === '' ? '' : `: ${words}`}; run again`,
    { cause: stderr },
  );
}

function settle(waiting: Map<number, Waiting>, response: Response): void {
  const entry = waiting.get(response.id);
  waiting.delete(response.id);
  if (entry === undefined) {
    return;
  }
  if ('result' in response) {
    entry.resolve(response.result);
    return;
  }
  const { message, code, stack } = response.error;
  if (code !== undefined) {
    entry.reject(new BeltbenchError(code, message));
    return;
  }
  const error = new Error(message);
  if (stack !== undefined) {
    error.stack = stack;
  }
  entry.reject(error);
}

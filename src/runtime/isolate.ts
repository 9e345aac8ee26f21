import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BeltbenchError } from '../shared/errors.ts';
import type { Request, Response } from './protocol.ts';

/** A child process that holds one model, so that no other model's threads, heap or arena disturb it. */
export interface Isolate {
  /** Asks the child for `method`; requests are answered in order. */
  readonly call: <Result>(method: string, params?: unknown) => Promise<Result>;
  /** Ends the child; safe to call twice. */
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
 * @throws (from `call`) BeltbenchError for the child's known errors or its sudden end; an Error with the child's stack for a bug
 */
export function startIsolate(modulePath: string, label: string): Isolate {
  const child = fork(modulePath, [], {
    execArgv: [...process.execArgv, '--expose-gc'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  const stderr: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  let lastId = 0;
  let ended: string | undefined;

  const endAll = (reason: string): void => {
    ended = reason;
    for (const { reject } of waiting.values()) {
      reject(new BeltbenchError('inference_failed', reason));
    }
    waiting.clear();
  };
  child.on('error', (error) => endAll(`the process for ${label} could not be started: ${error.message}; run again`));
  child.on('exit', (code, signal) => {
    const how = signal === null ? `exit code ${code}` : `${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}`;
    const told = stderr.join('').trim().split('\n').at(-1) ?? '';
    endAll(`the process for ${label} ended with ${how}${told === '' ? '' : `: ${told.slice(0, 300)}`}; run again`);
  });
  child.on('message', (message) => settle(waiting, message as Response));

  return {
    call: <Result>(method: string, params?: unknown) =>
      new Promise<Result>((resolve, reject) => {
        if (ended !== undefined) {
          reject(new BeltbenchError('inference_failed', ended));
          return;
        }
        const id = ++lastId;
        // The child's module answers each method with its own declared type.
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
        child.send({ id, method, params } satisfies Request);
      }),
    close: () => endChild(child),
  };
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

function endChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

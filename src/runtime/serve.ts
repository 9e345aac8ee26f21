import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import type { Request, Response } from './protocol.ts';

type Handlers = Record<string, (params: never) => Promise<unknown>>;

/**
 * Answers the parent's requests, one after the other, until the parent goes away. A parent that was
 * killed takes its children with it: the channel closes, and the child exits.
 */
export function serve(handlers: Handlers): void {
  let queue = Promise.resolve();
  process.on('message', (request: Request) => {
    queue = queue.then(async () => {
      const response = await answer(handlers, request);
      if (process.connected) {
        process.send?.(response);
      }
    });
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group, and a service manager's SIGTERM all of a service; the
  // parent ends its children when it has saved its work.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

async function answer(handlers: Handlers, { id, method, params }: Request): Promise<Response> {
  try {
    const handler = handlers[method];
    if (handler === undefined) {
      throw new Error(`no handler for ${method}`);
    }
    // The parent sends what the handler's module declares.
    return { id, result: await handler(params as never) };
  } catch (thrown) {
    return {
      id,
      error: {
        message: reasonOf(thrown),
        code: thrown instanceof BeltbenchError ? thrown.code : undefined,
        stack: thrown instanceof Error ? thrown.stack : undefined,
      },
    };
  }
}

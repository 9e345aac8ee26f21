import { setTimeout as sleep } from 'node:timers/promises';
import { refusalSchema } from '../../records/mlflow.ts';
import { check } from '../../config/problems.ts';
import { reasonOf } from '../../shared/errors.ts';
import type { TrackingServer } from './address.ts';
import { readBounded } from './readBounded.ts';
import { withoutCredentials } from './secrets.ts';
import { TrackingError } from './trackingError.ts';

/** How long a server may take, and how often it is asked again. */
export interface Patience {
  /** For one answer, its body included. */
  readonly timeoutMs: number;
  /** Pauses before another try of a request that may be repeated; one try more than pauses. */
  readonly pausesMs: readonly number[];
}

export const PATIENCE: Patience = { timeoutMs: 30_000, pausesMs: [250, 1000, 3000] };

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the server's address, beginning with a slash; with its query. */
  readonly path: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly contentType?: string;
  /** More is refused before it is read. */
  readonly maxAnswerBytes: number;
  /** Whether doing it twice is as good as once. */
  readonly repeatable: boolean;
}

/** A search page of 100 runs takes about 1 MB. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Asks again, after pauses, while the trouble may pass by itself. */
export async function ask(server: TrackingServer, request: Request, patience: Patience): Promise<Uint8Array> {
  const pauses = request.repeatable ? patience.pausesMs : [];
  for (const pauseMs of pauses) {
    try {
      return await askOnce(server, request, patience.timeoutMs);
    } catch (thrown) {
      if (!(thrown instanceof TrackingError) || !isPassing(thrown)) {
        throw thrown;
      }
      await sleep(pauseMs);
    }
  }
  return await askOnce(server, request, patience.timeoutMs);
}

/** A server that was too slow once is not asked to do it again. */
function isPassing({ trouble }: TrackingError): boolean {
  return trouble === 'unreachable' || trouble === 'failing';
}

async function askOnce(server: TrackingServer, request: Request, timeoutMs: number): Promise<Uint8Array> {
  const { method, path, body, maxAnswerBytes } = request;
  // A large file may take longer: a second for each megabyte more.
  const limitMs = timeoutMs + Math.ceil((body?.length ?? 0) / 1000);
  const signal = AbortSignal.timeout(limitMs);
  let status: number;
  let answer: Uint8Array | undefined;
  try {
    const response = await fetch(`${server.uri}${path}`, {
      method,
      headers: {
        ...(server.authorization !== undefined && { authorization: server.authorization }),
        ...(body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(body !== undefined && { body }),
      // Wherever it leads, our credentials do not follow.
      redirect: 'manual',
      signal,
    });
    ({ status } = response);
    answer = await readBounded(response.body, maxAnswerBytes);
  } catch (thrown) {
    throw unreachable(server, thrown, limitMs);
  }
  if (answer === undefined) {
    throw strange(server, `answers ${path} with more than ${maxAnswerBytes} bytes`);
  }
  if (status >= 200 && status < 300) {
    return answer;
  }
  throw refusal(server, path, status, answer);
}

function unreachable(server: TrackingServer, thrown: unknown, limitMs: number): TrackingError {
  const isTimeout = thrown instanceof Error && thrown.name === 'TimeoutError';
  const { cause } = thrown instanceof Error ? thrown : {};
  // What connects by itself says only "fetch failed"; the reason stands in its cause, which may be several in one.
  const inner = cause instanceof AggregateError ? cause.errors.at(-1) : cause;
  const reason = isTimeout ? `no answer within ${Math.round(limitMs / 100) / 10} s` : reasonOf(inner ?? thrown);
  return new TrackingError(
    isTimeout ? 'slow' : 'unreachable',
    `the tracking server ${server.uri} cannot be reached: ${withoutCredentials(server, reason)}`,
    { cause: thrown },
  );
}

/** An answer that no MLflow server gives. */
export function strange(server: TrackingServer, what: string): TrackingError {
  return new TrackingError(
    'strange',
    `${server.uri} ${what}, which no MLflow tracking server does; check the tracking URI`,
  );
}

function refusal(server: TrackingServer, path: string, status: number, answer: Uint8Array): TrackingError {
  const text = Buffer.from(answer.subarray(0, 20_000)).toString('utf8');
  const parsed = check(refusalSchema, parseJson(text));
  const errorCode = parsed.ok ? parsed.value.error_code : undefined;
  const said = withoutCredentials(server, parsed.ok ? `${parsed.value.error_code}: ${parsed.value.message}` : text)
    .replaceAll(/\s+/g, ' ')
    .trim();
  const told = `${status}${said === '' ? '' : ` ${said.slice(0, 300)}`}`;
  const what = path.split('?', 1)[0] ?? path;
  // Two requests that make the same row, such as a dataset's, collide in its database: MLflow answers 400.
  const isCollision = status === 400 && said.includes('IntegrityError');
  if (status === 429 || status >= 500 || isCollision) {
    return new TrackingError('failing', `the tracking server ${server.uri} answers ${told} to ${what}`, {
      errorCode,
    });
  }
  if (status === 401 || status === 403) {
    return new TrackingError(
      'denied',
      `the tracking server ${server.uri} denies access (${told}); check MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and that the server's --allowed-hosts names this address`,
      { errorCode },
    );
  }
  if (errorCode === 'RESOURCE_DOES_NOT_EXIST') {
    return new TrackingError('missing', `the tracking server ${server.uri} has no such thing (${told})`, { errorCode });
  }
  if (status < 400 || status === 404 || status === 405) {
    return strange(server, `answers ${told} to ${what}`);
  }
  return new TrackingError('refused', `the tracking server ${server.uri} refuses ${what} (${told})`, { errorCode });
}

/**
 * `undefined` where it is no JSON.
 *
 * @param tell what becomes of each text in it
 */
export function parseJson(text: string, tell?: (text: string) => string): unknown {
  const revive = tell && ((_: string, value: unknown) => (typeof value === 'string' ? tell(value) : value));
  try {
    return JSON.parse(text, revive);
  } catch {
    return undefined;
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeMlflow, Refusal } from './fakeMlflow.ts';

/** What the server does with a request instead of, or after, what it should. */
export type Trouble =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  /** It does what is asked, and the answer is lost. */
  | 'loses the answer'
  | 'hangs up'
  | 'never answers'
  | 'cuts the answer short';

/** A request as a test sees it. */
export interface Seen {
  readonly method: string;
  /** "runs/create", or "artifacts". */
  readonly call: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface FakeServer {
  readonly uri: string;
  readonly mlflow: FakeMlflow;
  readonly seen: Seen[];
  /** Asked before each request; the test may also change `mlflow` here. */
  trouble: (request: Seen) => Trouble | undefined;
  /** The number of requests of a call so far. */
  readonly count: (call: string) => number;
}

/** A tracking server in this process that keeps MLflow's rules and makes trouble as it is told. */
export async function withServer(use: (server: FakeServer) => Promise<void>): Promise<void> {
  const mlflow = new FakeMlflow();
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, fake);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeServer = {
    uri: `http://127.0.0.1:${port}`,
    mlflow,
    seen,
    trouble: () => undefined,
    count: (call) => seen.filter((request) => request.call === call).length,
  };
  try {
    await use(fake);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, fake: FakeServer): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const url = new URL(request.url ?? '/', 'http://x');
  const [, call = url.pathname] = /^\/api\/2\.0\/mlflow\/(.*)$/.exec(url.pathname) ?? [];
  const isArtifact = url.pathname.startsWith('/api/2.0/mlflow-artifacts/');
  const seen: Seen = {
    method: request.method ?? '',
    call: isArtifact ? 'artifacts' : call,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
  fake.seen.push(seen);
  const trouble = fake.trouble(seen);
  if (trouble === 'never answers') {
    return;
  }
  if (trouble === 'hangs up') {
    response.destroy();
    return;
  }
  if (typeof trouble === 'object') {
    response.writeHead(trouble.status, trouble.headers).end(trouble.body);
    return;
  }
  const { status, body } = perform(fake.mlflow, seen, url, isArtifact);
  if (trouble === 'loses the answer') {
    response.destroy();
  } else if (trouble === 'cuts the answer short') {
    response.writeHead(status).end(body.subarray(0, body.length / 2));
  } else {
    response.writeHead(status).end(body);
  }
}

function perform(
  mlflow: FakeMlflow,
  { method, call, body }: Seen,
  url: URL,
  isArtifact: boolean,
): { status: number; body: Buffer } {
  try {
    if (isArtifact) {
      return { status: 200, body: mlflow.artifact(method, url.pathname, body) };
    }
    const parameters: unknown = method === 'GET' ? Object.fromEntries(url.searchParams) : JSON.parse(body.toString());
    return { status: 200, body: Buffer.from(JSON.stringify(mlflow.call(call, parameters))) };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) {
      return { status: 500, body: Buffer.from(String(thrown)) };
    }
    return {
      status: thrown.errorCode === 'RESOURCE_DOES_NOT_EXIST' ? 404 : 400,
      body: Buffer.from(JSON.stringify({ error_code: thrown.errorCode, message: thrown.message })),
    };
  }
}

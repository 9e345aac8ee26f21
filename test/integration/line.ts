import { randomUUID } from 'node:crypto';
import type { MlflowRun } from '../../src/records/mlflow.ts';
import { trackingServer } from '../../src/store/mlflow/address.ts';
import { MlflowClient } from '../../src/store/mlflow/client.ts';
import { withLine, type CliResult, type Line } from '../cli/line.ts';
import type { MlflowServer } from './server.ts';

/** A line whose study names a server, in an experiment of its own. */
export interface TrackedLine extends Line {
  readonly experiment: string;
  readonly client: MlflowClient;
  /** All its runs that are not deleted. */
  readonly runs: () => Promise<MlflowRun[]>;
  /** Runs a command that must end well, and answers its JSON document. */
  readonly document: (...args: string[]) => Promise<Record<string, unknown>>;
}

export async function withTrackedLine({ uri }: MlflowServer, use: (line: TrackedLine) => Promise<void>): Promise<void> {
  await withLine(async (line) => {
    const experiment = `line ${randomUUID()}`;
    const client = new MlflowClient(trackingServer(uri, {}));
    const mlflow = { tracking_uri: uri, experiment };
    const writeStudy = async (changes: Record<string, unknown> = {}): Promise<void> => {
      await line.writeStudy({ mlflow, ...changes });
    };
    await writeStudy();
    await use({
      ...line,
      experiment,
      client,
      writeStudy,
      runs: async () => {
        const found = await client.getExperiment(experiment);
        return found === undefined ? [] : await client.searchRuns({ experimentId: found.id });
      },
      document: async (...args) => {
        const result = await line.cli(...args, '--json');
        return parse(args, result);
      },
    });
  });
}

function parse(args: readonly string[], { status, stdout, stderr }: CliResult): Record<string, unknown> {
  if (status !== 0 && status !== 3) {
    throw new Error(`beltbench ${args.join(' ')} ended with ${status}: ${stderr}`);
  }
  return JSON.parse(stdout) as Record<string, unknown>;
}

import {
  doneSchema,
  experimentSchema,
  newExperimentSchema,
  oneRunSchema,
  runsPageSchema,
  type MlflowDataset,
  type MlflowExperiment,
  type MlflowRun,
} from '../../records/mlflow.ts';
import { check } from '../../config/problems.ts';
import type { Checked } from '../parseRecord.ts';
import type { TrackingServer } from './address.ts';
import { artifactPath } from './artifactPath.ts';
import { batches, type RunData } from './batches.ts';
import { ask, MAX_JSON_BYTES, parseJson, PATIENCE, strange, type Patience, type Request } from './http.ts';
import { withoutCredentials } from './secrets.ts';
import { TrackingError } from './trackingError.ts';

export { TrackingError } from './trackingError.ts';

/** Runs of one experiment. */
export interface RunSearch {
  readonly experimentId: string;
  /** MLflow's search syntax; `tagEquals` quotes. Left out: all runs. */
  readonly filter?: string;
  /** Such as "attributes.start_time DESC"; the server's own order otherwise. */
  readonly orderBy?: readonly string[];
  /** Whether deleted runs are found too. */
  readonly withDeleted?: boolean;
}

const PAGE = 100;
/** More than a plant measures in years; a server that never ends is not followed. */
const MOST_PAGES = 1000;
const MAX_ARTIFACT_BYTES = 500 * 1024 * 1024;
const JSON_HEADERS = { contentType: 'application/json', maxAnswerBytes: MAX_JSON_BYTES } as const;

/**
 * MLflow's REST API, as far as records need it. Every answer is checked against its schema, of
 * bounded size, and given up after a time; redirects are not followed, since they would take the
 * credentials along. What can be repeated is, while the server is unreachable.
 *
 * Every method throws `TrackingError` when the server does not do what was asked.
 */
export class MlflowClient {
  readonly server: TrackingServer;
  readonly #patience: Patience;

  constructor(server: TrackingServer, patience: Patience = PATIENCE) {
    this.server = server;
    this.#patience = patience;
  }

  /** `undefined` where there is none of this name; a deleted one is found. */
  async getExperiment(name: string): Promise<MlflowExperiment | undefined> {
    return await orUndefined(
      this.#get('experiments/get-by-name', { experiment_name: name }, (content) => check(experimentSchema, content)),
    );
  }

  /** Makes the experiment, unless somebody else just did. */
  async createExperiment(name: string): Promise<void> {
    try {
      await this.#post('experiments/create', { name }, (content) => check(newExperimentSchema, content));
    } catch (thrown) {
      if (!(thrown instanceof TrackingError && thrown.errorCode === 'RESOURCE_ALREADY_EXISTS')) {
        throw thrown;
      }
    }
  }

  /** Every run that the search finds, page by page. */
  async searchRuns({ experimentId, filter, orderBy, withDeleted = false }: RunSearch): Promise<MlflowRun[]> {
    const runs: MlflowRun[] = [];
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#post(
        'runs/search',
        {
          experiment_ids: [experimentId],
          ...(filter !== undefined && { filter }),
          ...(orderBy !== undefined && { order_by: orderBy }),
          run_view_type: withDeleted ? 'ALL' : 'ACTIVE_ONLY',
          max_results: PAGE,
          ...(token !== undefined && { page_token: token }),
        },
        (content) => check(runsPageSchema, content),
      );
      runs.push(...(answer.runs ?? []));
      const next = answer.next_page_token ?? '';
      if (next === '') {
        return runs;
      }
      if (next === token) {
        break;
      }
      token = next;
    }
    throw strange(this.server, 'answers a search without end');
  }

  /** `undefined` where there is no such run; a deleted one is found. */
  async getRun(runId: string): Promise<MlflowRun | undefined> {
    const found = await orUndefined(
      this.#get('runs/get', { run_id: runId }, (content) => check(oneRunSchema, content)),
    );
    return found?.run;
  }

  /** Makes a run, RUNNING; never repeated by itself, because a run whose answer was lost may be there. */
  async createRun(
    experimentId: string,
    { name, startTime, tags }: { name: string; startTime: number; tags: ReadonlyMap<string, string> },
  ): Promise<MlflowRun> {
    const { run } = await this.#post(
      'runs/create',
      { experiment_id: experimentId, run_name: name, start_time: startTime, tags: pairs(tags) },
      (content) => check(oneRunSchema, content),
      false,
    );
    return run;
  }

  /** Adds to a run, in as many calls as the API's limits take. The same again changes nothing; a parameter's value cannot be changed. */
  async logBatch(runId: string, data: RunData): Promise<void> {
    for (const batch of batches(data)) {
      await this.#do('runs/log-batch', { run_id: runId, ...batch });
    }
  }

  async logDataset(runId: string, { name, digest, context, source, profile }: MlflowDataset): Promise<void> {
    await this.#do('runs/log-inputs', {
      run_id: runId,
      datasets: [
        {
          tags: [{ key: 'mlflow.data.context', value: context }],
          dataset: {
            name,
            digest,
            source_type: 'local',
            source: JSON.stringify(source),
            ...(profile !== undefined && { profile: JSON.stringify(profile) }),
          },
        },
      ],
    });
  }

  async endRun(runId: string, { status, endTime }: { status: 'FINISHED' | 'FAILED'; endTime: number }): Promise<void> {
    await this.#do('runs/update', { run_id: runId, status, end_time: endTime });
  }

  /** MLflow keeps deleted runs until its administrator clears them. */
  async deleteRun(runId: string): Promise<void> {
    await this.#do('runs/delete', { run_id: runId });
  }

  /**
   * Stores a file beside a run, over one of that name.
   *
   * @returns false where the server keeps its artifacts elsewhere and takes none over HTTP
   */
  async uploadArtifact(run: MlflowRun, name: string, content: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const path = artifactPath(this.server, run.artifactUri, name);
    if (path === undefined) {
      return false;
    }
    const put: Request = { method: 'PUT', path, repeatable: true, maxAnswerBytes: MAX_JSON_BYTES, body: content };
    await ask(this.server, { ...put, contentType: 'application/octet-stream' }, this.#patience);
    return true;
  }

  /** `undefined` where there is no such file, or the server gives none over HTTP. */
  async downloadArtifact(run: MlflowRun, name: string): Promise<Uint8Array | undefined> {
    const path = artifactPath(this.server, run.artifactUri, name);
    if (path === undefined) {
      return undefined;
    }
    const request: Request = { method: 'GET', path, repeatable: true, maxAnswerBytes: MAX_ARTIFACT_BYTES };
    return await orUndefined(ask(this.server, request, this.#patience));
  }

  async #get<T>(call: string, query: Record<string, string>, parse: (content: unknown) => Checked<T>): Promise<T> {
    const path = `/api/2.0/mlflow/${call}?${new URLSearchParams(query).toString()}`;
    return await this.#ask({ ...JSON_HEADERS, method: 'GET', path, repeatable: true }, parse);
  }

  async #post<T>(call: string, body: unknown, parse: (content: unknown) => Checked<T>, repeatable = true): Promise<T> {
    const path = `/api/2.0/mlflow/${call}`;
    return await this.#ask({ ...JSON_HEADERS, method: 'POST', path, repeatable, body: JSON.stringify(body) }, parse);
  }

  async #do(call: string, body: unknown): Promise<void> {
    await this.#post(call, body, (content) => check(doneSchema, content));
  }

  async #ask<T>(request: Request, parse: (content: unknown) => Checked<T>): Promise<T> {
    const answer = await ask(this.server, request, this.#patience);
    const text = Buffer.from(answer).toString('utf8');
    const parsed = parse(parseJson(text));
    if (!parsed.ok) {
      const call = request.path.split('?', 1)[0] ?? request.path;
      // The problem quotes the answer, cut short.
      const told = parse(parseJson(text, (quoted) => withoutCredentials(this.server, quoted)));
      throw strange(
        this.server,
        `answers ${call} with something else than expected (${told.ok ? 'not shown' : told.problem})`,
      );
    }
    return parsed.value;
  }
}

function pairs(map: ReadonlyMap<string, string>): { key: string; value: string }[] {
  return [...map].map(([key, value]) => ({ key, value }));
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof TrackingError && thrown.trouble === 'missing') {
      return undefined;
    }
    throw thrown;
  }
}

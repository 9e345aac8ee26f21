/* What of MLflow's tracking server these tests need, with the limits that it keeps. */

interface Pair {
  readonly key: string;
  readonly value: string;
}

interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface FakeRun {
  readonly run_id: string;
  readonly experiment_id: string;
  run_name: string | undefined;
  status: string;
  start_time: number;
  end_time: number | undefined;
  lifecycle_stage: 'active' | 'deleted';
  artifact_uri: string;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  /** One per key, timestamp, step and value, as in the database. */
  readonly metrics: Map<string, Metric>;
  readonly datasets: Map<string, unknown>;
}

/** What MLflow answers to what it does not do. */
export class Refusal extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

interface Body {
  readonly name?: string;
  readonly experiment_name?: string;
  readonly experiment_id?: string;
  readonly experiment_ids?: string[];
  readonly run_id?: string;
  readonly run_name?: string;
  readonly start_time?: number;
  readonly end_time?: number;
  readonly status?: string;
  readonly filter?: string;
  readonly run_view_type?: string;
  readonly max_results?: number;
  readonly page_token?: string;
  readonly tags?: Pair[];
  readonly params?: Pair[];
  readonly metrics?: Metric[];
  readonly datasets?: { dataset: { name: string; digest: string } }[];
}

export class FakeMlflow {
  readonly experiments = new Map<string, { experiment_id: string; name: string; lifecycle_stage: string }>();
  readonly runs: FakeRun[] = [];
  readonly artifacts = new Map<string, Buffer>();
  artifactRoot = 'mlflow-artifacts:';
  #made = 0;

  get active(): FakeRun[] {
    return this.runs.filter((run) => run.lifecycle_stage === 'active');
  }

  /** The active runs of a record. */
  of(recordId: string): FakeRun[] {
    return this.active.filter((run) => run.tags.get('beltbench.record_id') === recordId);
  }

  call(name: string, parameters: unknown): unknown {
    const body = parameters as Body;
    switch (name) {
      case 'experiments/get-by-name': {
        const experiment = this.experiments.get(body.experiment_name ?? '');
        return { experiment: known(experiment === undefined ? undefined : { ...experiment, creation_time: 1000 }) };
      }
      case 'experiments/create':
        return this.#createExperiment(body.name ?? '');
      case 'runs/create':
        return this.#createRun(body);
      case 'runs/get':
        return { run: render(known(this.runs.find((run) => run.run_id === body.run_id))) };
      case 'runs/search':
        return this.#search(body);
      case 'runs/log-batch':
        this.#logBatch(this.#writable(body), body);
        return {};
      case 'runs/log-inputs': {
        const { datasets } = this.#writable(body);
        for (const input of body.datasets ?? []) {
          limit('digest', input.dataset.digest, 36);
          datasets.set(`${input.dataset.name}/${input.dataset.digest}`, input);
        }
        return {};
      }
      case 'runs/update': {
        const run = this.#writable(body);
        run.status = body.status ?? run.status;
        run.end_time = body.end_time ?? run.end_time;
        return {};
      }
      case 'runs/delete':
        this.#writable(body).lifecycle_stage = 'deleted';
        return {};
      default:
        throw new Error(`no such call: ${name}`);
    }
  }

  artifact(method: string, path: string, content: Buffer): Buffer {
    if (method === 'PUT') {
      this.artifacts.set(path, content);
      return Buffer.from('{}');
    }
    return known(this.artifacts.get(path));
  }

  #createExperiment(name: string): unknown {
    if (this.experiments.has(name)) {
      throw new Refusal('RESOURCE_ALREADY_EXISTS', `Experiment(name=${name}) already exists.`);
    }
    const experiment = { experiment_id: String(this.experiments.size + 1), name, lifecycle_stage: 'active' };
    this.experiments.set(name, experiment);
    return { experiment_id: experiment.experiment_id };
  }

  #createRun({ experiment_id: experimentId = '', run_name, start_time, tags = [] }: Body): unknown {
    this.#made += 1;
    const id = `run${String(this.#made).padStart(29, '0')}`;
    assertPairs('tag', tags, 5000);
    const run: FakeRun = {
      run_id: id,
      experiment_id: experimentId,
      run_name,
      status: 'RUNNING',
      start_time: start_time ?? 0,
      end_time: undefined,
      lifecycle_stage: 'active',
      artifact_uri: `${this.artifactRoot}/${experimentId}/${id}/artifacts`,
      tags: new Map(tags.map(({ key, value }) => [key, value])),
      params: new Map(),
      metrics: new Map(),
      datasets: new Map(),
    };
    this.runs.push(run);
    return { run: render(run) };
  }

  #search({
    experiment_ids: ids = [],
    filter = '',
    run_view_type: view,
    max_results: most = 100,
    page_token: token,
  }: Body) {
    const conditions = filter === '' ? [] : filter.split(' and ').map(condition);
    const found = this.runs
      .filter((run) => ids.includes(run.experiment_id) && (view === 'ALL' || run.lifecycle_stage === 'active'))
      .filter((run) => conditions.every((holds) => holds(run)))
      .toReversed();
    const from = Number(token ?? 0);
    return {
      runs: found.slice(from, from + most).map(render),
      ...(from + most < found.length && { next_page_token: String(from + most) }),
    };
  }

  #logBatch(run: FakeRun, { metrics = [], params = [], tags = [] }: Body): void {
    if (
      metrics.length > 1000 ||
      params.length > 100 ||
      tags.length > 100 ||
      metrics.length + params.length + tags.length > 1000
    ) {
      throw new Refusal('INVALID_PARAMETER_VALUE', 'A batch logging request can contain at most 1000');
    }
    assertPairs('param', params, 500);
    assertPairs('tag', tags, 5000);
    for (const { key, value } of params) {
      if ((run.params.get(key) ?? value) !== value) {
        throw new Refusal('INVALID_PARAMETER_VALUE', `Changing param values is not allowed. ${key}`);
      }
    }
    for (const { key, value } of params) {
      run.params.set(key, value);
    }
    for (const metric of metrics) {
      limit('metric name', metric.key, 250);
      run.metrics.set(`${metric.key} ${metric.timestamp} ${metric.step} ${metric.value}`, metric);
    }
  }

  #writable({ run_id: id }: Body): FakeRun {
    const run = known(this.runs.find((entry) => entry.run_id === id));
    if (run.lifecycle_stage !== 'active') {
      throw new Refusal(
        'INVALID_PARAMETER_VALUE',
        `The run ${id} must be in the 'active' state. Current state is deleted.`,
      );
    }
    return run;
  }
}

function known<T>(found: T | undefined): T {
  if (found === undefined) {
    throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'not found');
  }
  return found;
}

function assertPairs(what: string, pairs: readonly Pair[], most: number): void {
  if (pairs.length > 100) {
    throw new Refusal('INVALID_PARAMETER_VALUE', `at most 100 ${what}s`);
  }
  for (const { key, value } of pairs) {
    limit(`${what} name`, key, 250);
    limit(`${what} value`, value, most);
  }
}

function limit(what: string, text: string, most: number): void {
  if (text.length > most || text === '') {
    throw new Refusal('INVALID_PARAMETER_VALUE', `${what} had length ${text.length}, the limit is ${most}`);
  }
}

/** "tags.`name` = 'value'" or "attributes.status = 'FINISHED'". */
function condition(text: string): (run: FakeRun) => boolean {
  const [, tag, attribute, value] = /^(?:tags\.`(.+)`|attributes\.(\w+)) = '(.*)'$/.exec(text) ?? [];
  if (value === undefined) {
    throw new Refusal('INVALID_PARAMETER_VALUE', `Invalid filter ${text}`);
  }
  return (run) => (tag === undefined ? attribute === 'status' && run.status === value : run.tags.get(tag) === value);
}

function render({ tags, params, metrics, datasets, ...info }: FakeRun): unknown {
  const pairs = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }));
  return {
    info,
    data: { tags: pairs(tags), params: pairs(params), metrics: [...metrics.values()] },
    inputs: { dataset_inputs: [...datasets.values()] },
  };
}

import { z } from 'zod';

/** Whole numbers of 64 bits, which some servers write as texts; `null` and 0 stand for "none" in end times. */
const int64 = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,19}$/)
    .transform(Number),
]);
/** JSON knows no NaN: servers write such metrics as texts. */
const metricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
/** It becomes part of addresses. */
const serverId = z.string().regex(/^[A-Za-z0-9][\w-]{0,255}$/);
const textPair = z.object({ key: z.string(), value: z.string().default('') });
/** Servers leave out what is empty. */
const list = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).nullish();

/** A run as a tracking server tells it; keys that we do not use are dropped. */
const runSchema = z
  .object({
    info: z.object({
      run_id: serverId,
      run_name: z.string().nullish(),
      experiment_id: serverId,
      status: z.string(),
      start_time: int64.nullish(),
      end_time: int64.nullish(),
      artifact_uri: z.string().nullish(),
      lifecycle_stage: z.string().nullish(),
    }),
    data: z
      .object({
        metrics: list(z.object({ key: z.string(), value: metricValue })),
        params: list(textPair),
        tags: list(textPair),
      })
      .nullish(),
  })
  .transform(({ info, data }) => ({
    runId: info.run_id,
    name: info.run_name ?? undefined,
    experimentId: info.experiment_id,
    /** Of our own runs: RUNNING until one is written whole, then FINISHED or FAILED. */
    status: info.status,
    /** Milliseconds since 1970; `undefined` where the server does not say. */
    startTime: info.start_time ?? undefined,
    endTime: info.end_time === null || info.end_time === 0 ? undefined : info.end_time,
    artifactUri: info.artifact_uri ?? undefined,
    isDeleted: info.lifecycle_stage === 'deleted',
    /** The latest value of each metric; it may be NaN or infinite. */
    metrics: new Map((data?.metrics ?? []).map(({ key, value }) => [key, value])),
    params: new Map((data?.params ?? []).map(({ key, value }) => [key, value])),
    tags: new Map((data?.tags ?? []).map(({ key, value }) => [key, value])),
  }));
export type MlflowRun = z.infer<typeof runSchema>;

export const runsPageSchema = z.object({ runs: list(runSchema), next_page_token: z.string().nullish() });
export const oneRunSchema = z.object({ run: runSchema });
export const experimentSchema = z
  .object({
    experiment: z.object({
      experiment_id: serverId,
      name: z.string(),
      lifecycle_stage: z.string().nullish(),
      creation_time: int64.nullish(),
    }),
  })
  .transform(({ experiment }) => ({
    id: experiment.experiment_id,
    name: experiment.name,
    isDeleted: experiment.lifecycle_stage === 'deleted',
    /** Milliseconds since 1970; old servers do not say. */
    createdAt: experiment.creation_time ?? undefined,
  }));
export type MlflowExperiment = z.infer<typeof experimentSchema>;
export const newExperimentSchema = z.object({ experiment_id: serverId });
/** What a server says of a request that it refuses. */
export const refusalSchema = z.object({ error_code: z.string(), message: z.string().default('') });
/** Where nothing is answered but that it is done. */
export const doneSchema = z.looseObject({});

/** A labelled set of images that a run read. */
export interface MlflowDataset {
  readonly name: string;
  /** At most 36 characters; the whole fingerprint stands in a tag. */
  readonly digest: string;
  /** What it served: "evaluation", "benchmark". */
  readonly context: string;
  readonly source: Readonly<Record<string, unknown>>;
  readonly profile?: Readonly<Record<string, unknown>>;
}

/** What one record becomes on a tracking server. */
export interface RunDraft {
  readonly recordId: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number;
  readonly status: 'FINISHED' | 'FAILED';
  readonly tags: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, number>;
  readonly dataset: MlflowDataset | undefined;
  /** Files to be stored beside it: the name there, and where it lies here. */
  readonly artifacts: readonly { readonly name: string; readonly path: string }[];
}

/** One record that stands whole on a server, in the ledger beside the file store. */
export const ledgerLineSchema = z.strictObject({ record_id: z.string(), run_id: z.string() });

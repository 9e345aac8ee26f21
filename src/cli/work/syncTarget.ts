import type { StudyFile } from '../../config/studySchema.ts';
import type { MlflowExperiment } from '../../records/mlflow.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { trackingServer, type TrackingEnvironment } from '../../store/mlflow/address.ts';
import { MlflowClient } from '../../store/mlflow/client.ts';
import { groupingTags, type GroupingTags } from '../../store/mlflow/tagNames.ts';

/** The flags that name a server and an experiment there. */
export interface TrackingArgs {
  readonly trackingUri: string | undefined;
  readonly experiment: string | undefined;
}

/** The tracking server that a command works with, and the names there. */
export interface SyncTarget {
  readonly client: MlflowClient;
  readonly experimentName: string;
  readonly grouping: GroupingTags;
  /** The study's own tags for every run. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The part of a study that names a server, and what stands there. */
export interface TrackingNames {
  readonly story: string;
  readonly tags?: StudyFile['tags'];
  readonly mlflow?: Partial<NonNullable<StudyFile['mlflow']>> | undefined;
}

/**
 * Flags before the study's `mlflow` section, and that before the environment, which other tools on
 * the machine share.
 *
 * @throws BeltbenchError `bad_usage` when nothing names a server, or `--experiment` nothing
 */
export function syncTarget(
  { trackingUri, experiment }: TrackingArgs,
  file: TrackingNames,
  env: TrackingEnvironment,
): SyncTarget {
  const address = trackingUri ?? file.mlflow?.tracking_uri ?? env.MLFLOW_TRACKING_URI;
  if (address === undefined || address === '') {
    throw new BeltbenchError(
      'bad_usage',
      'a tracking server must be named: with --tracking-uri, in the study as `mlflow.tracking_uri`, or as MLFLOW_TRACKING_URI',
    );
  }
  if (experiment === '') {
    throw new BeltbenchError(
      'bad_usage',
      '--experiment must name an experiment, received an empty name; leave it out for that of the study',
    );
  }
  return {
    client: new MlflowClient(trackingServer(address, env)),
    // An empty variable names nothing.
    experimentName: experiment ?? file.mlflow?.experiment ?? (env.MLFLOW_EXPERIMENT_NAME || file.story),
    grouping: groupingTags(file.tags),
    tags: file.mlflow?.tags ?? {},
  };
}

/**
 * The experiment, where the server has it.
 *
 * @throws BeltbenchError `bad_usage` when it was deleted there
 */
export async function findExperiment({ client, experimentName }: SyncTarget): Promise<MlflowExperiment | undefined> {
  const found = await client.getExperiment(experimentName);
  if (found?.isDeleted === true) {
    throw new BeltbenchError(
      'bad_usage',
      `the experiment ${experimentName} is deleted on ${client.server.uri}; restore it there or name another with --experiment`,
    );
  }
  return found;
}

/** The experiment, made where it is missing. */
export async function findOrMakeExperiment(target: SyncTarget): Promise<MlflowExperiment> {
  const found = await findExperiment(target);
  if (found !== undefined) {
    return found;
  }
  await target.client.createExperiment(target.experimentName);
  const made = await findExperiment(target);
  if (made === undefined) {
    throw new BeltbenchError(
      'tracking_server',
      `${target.client.server.uri} made the experiment ${target.experimentName} and does not know it; sync again`,
    );
  }
  return made;
}

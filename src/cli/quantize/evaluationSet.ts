import { basename, dirname, resolve } from 'node:path';
import { loadModelCard, type ModelCard } from '../../config/modelCard.ts';
import { standInStudy } from '../../config/standInStudy.ts';
import type { StudyFile } from '../../config/studySchema.ts';
import { auditDataset, type AuditedDataset } from '../../datasets/audit.ts';
import { foldersIn, isFolder } from '../../datasets/folders.ts';
import { pickInputs } from '../../measure/inputs.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { QuantizeContext } from './context.ts';
import { assertNotStopped } from './interruption.ts';

/** The labelled images that a search judges on. */
export interface EvaluationSet {
  readonly dataset: AuditedDataset;
  readonly card: ModelCard;
  /** `undefined` where no study names it. */
  readonly targetClass: string | undefined;
  /** The class for uncertain items, if the study has one. */
  readonly maybeClass: string | undefined;
  /** Images that are fed while latency is measured. */
  readonly latencyInputs: readonly string[];
  /** Intra-op threads of evaluation and latency. */
  readonly threads: number;
  readonly seed: number;
}

/**
 * Reads the images to judge on: `--evaluation`, or the study's split.
 *
 * @throws BeltbenchError `bad_usage` when neither is there; `bad_dataset` or `bad_card` for what cannot be used
 */
export async function openEvaluationSet(context: QuantizeContext): Promise<EvaluationSet> {
  const { args, source, progress, io } = context;
  const { file, root } = await judgingStudy(context);
  const card = await loadModelCard(source.card.path, file);
  const { split, classes, target_class: targetClass, maybe_class: maybeClass } = file.dataset;
  const dataset = await auditDataset({ root, split, classes, targetClass }, (done, total) => {
    progress.show({ subject: split, phase: 'audit images', done, total });
    assertNotStopped(io, args.search);
  });
  progress.clear();
  const { threads, seed } = file.benchmarking;
  const inputs = dataset.splitImages.flatMap(({ path, contentHash, readable }) =>
    readable && contentHash !== undefined ? [{ path, contentHash }] : [],
  );
  return {
    dataset,
    card,
    targetClass: source.study === undefined ? undefined : targetClass,
    maybeClass,
    latencyInputs: (await pickInputs(inputs, seed)).paths,
    threads: args.threads ?? threads,
    seed,
  };
}

async function judgingStudy({ args, source }: QuantizeContext): Promise<{ file: StudyFile; root: string }> {
  const { study, card } = source;
  const { evaluation } = args;
  if (evaluation === undefined) {
    if (study === undefined) {
      throw new BeltbenchError(
        'bad_usage',
        `a search judges recipes on labelled images, and there is neither the study ${args.study} nor --evaluation; name one`,
      );
    }
    return { file: study.file, root: study.datasetRoot };
  }
  const folder = resolve(evaluation);
  if (!(await isFolder(folder))) {
    throw new BeltbenchError(
      'bad_usage',
      `--evaluation must be a folder with a folder of images per class, received ${evaluation}, which is none; correct it`,
    );
  }
  const root = dirname(folder);
  const split = basename(folder);
  if (study !== undefined) {
    return { file: { ...study.file, dataset: { ...study.file.dataset, split } }, root };
  }
  const folders = await foldersIn(folder);
  return { file: standInStudy(card.path, card.content, { root, split, folders }), root };
}

import { auditModel } from '../../onnx/audit.ts';
import type { SearchConfig } from '../../config/searchConfig.ts';
import { bestPerBackbone } from '../../decide/trials/scoreTrials.ts';
import type { TrialSettings } from '../../decide/trials/settings.ts';
import type { HpoTrial } from '../../records/hpo.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { readHpoTree } from '../../store/hpoTree.ts';

/** The trials to select from, and what was noted while they were read. */
export interface TrialSource {
  /** Where they come from, for people. */
  readonly name: string;
  readonly trials: readonly HpoTrial[];
  readonly notes: readonly string[];
}

/**
 * The trials of a search on disk. Those that enter get their parameter count from their ONNX
 * files.
 *
 * @throws BeltbenchError `bad_record` when `dir` holds no search
 */
export async function readTrialsOfFolder(
  dir: string,
  { file }: SearchConfig,
  settings: TrialSettings,
): Promise<TrialSource> {
  const tree = await readHpoTree(dir, { benchmarkFile: file.output.filename });
  const { entered } = bestPerBackbone(tree.trials, settings);
  const notes = [...tree.notes];
  const counts = new Map<HpoTrial, number>();
  for (const { trial } of entered) {
    const count = await countParameters(trial, notes);
    if (count !== undefined) {
      counts.set(trial, count);
    }
  }
  const trials = tree.trials.map((trial) => ({ ...trial, parameters: counts.get(trial) ?? trial.parameters }));
  return { name: dir, trials, notes };
}

async function countParameters({ modelPath }: HpoTrial, notes: string[]): Promise<number | undefined> {
  if (modelPath === undefined) {
    return undefined;
  }
  return await auditModel(modelPath).then(
    ({ parameter_count: count }) => count,
    (thrown: unknown) => {
      if (!(thrown instanceof BeltbenchError)) {
        throw thrown;
      }
      notes.push(`${modelPath} tells no parameter count: ${thrown.message}`);
      return undefined;
    },
  );
}

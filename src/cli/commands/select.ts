import { loadSearchConfig } from '../../config/searchConfig.ts';
import { selectTrial } from '../../decide/trials/selectTrial.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { AT_OUT } from '../../store/cannotWrite.ts';
import { writeTextFile } from '../../store/textFile.ts';
import type { CommonArgs, Io, Outcome } from '../io.ts';
import { printable } from '../printable.ts';
import { configOrStudy, selectFromMlflow, type MlflowSelection, type NotedSelection } from '../work/mlflowSelect.ts';
import { settingsOf, type SelectOverrides } from '../work/selectSettings.ts';
import { readTrialsOfFolder } from '../work/selectSource.ts';
import type { StoreArgs } from '../work/syncAround.ts';
import { renderSelection } from '../selectText.ts';

export interface SelectArgs extends CommonArgs, StoreArgs, Required<SelectOverrides> {
  readonly hpo: string | undefined;
  readonly trainingExperiment: readonly string[] | undefined;
  readonly config: readonly string[];
  readonly thresholds: readonly (number | null)[] | undefined;
  readonly out: string | undefined;
}

/** `beltbench select`: the accuracy-speed selector over the trials of a search, from a folder or a tracking server. */
export async function runSelect(args: SelectArgs, io: Io): Promise<Outcome> {
  const isTracked = args.store === 'mlflow';
  if (isTracked && args.hpo !== undefined) {
    throw new BeltbenchError('bad_usage', '--hpo and --store mlflow are two sources of trials; drop one');
  }
  const config = await loadSearchConfig(isTracked ? await configOrStudy(args.config, args.study) : args.config);
  const { settings, overridden } = settingsOf(config, args);
  const wanted = { args, config, settings, env: io.env };
  const { name, notes, selection } = isTracked ? await selectFromMlflow(wanted) : await selectFromFolder(wanted);
  const warnings = [...notes, ...selection.warnings];
  if (args.out !== undefined) {
    await writeTextFile(args.out, `${JSON.stringify(selection.best_configuration, null, 2)}\n`, AT_OUT);
  }
  const lines = [
    ...(args.quiet ? [] : overridden.map((line) => `overridden: ${line}`)),
    ...(args.quiet ? [] : config.unused.map((line) => `note: ${line}`)),
    ...warnings.map((line) => `warning: ${line}`),
    ...(args.out === undefined ? [] : [`best_configuration: ${args.out}`]),
  ];
  return {
    document: {
      command: 'select',
      source: name,
      overrides: overridden,
      unused: config.unused,
      cost_unit: config.file.cost_unit ?? null,
      ...selection,
      warnings,
    },
    text: `${renderSelection(selection, config.file.cost_unit)}${lines.map((line) => `${printable(line)}\n`).join('')}`,
    exitCode: 0,
  };
}

async function selectFromFolder({
  args,
  config,
  settings,
}: MlflowSelection & { readonly args: Pick<SelectArgs, 'hpo'> }): Promise<NotedSelection> {
  if (args.hpo === undefined) {
    throw new BeltbenchError(
      'bad_usage',
      '`select` needs the trials to select from; name their folder with --hpo DIR, or a tracking server with --store mlflow',
    );
  }
  const { name, trials, notes } = await readTrialsOfFolder(args.hpo, config, settings);
  return { name, notes, selection: selectTrial(trials, settings, args.thresholds) };
}

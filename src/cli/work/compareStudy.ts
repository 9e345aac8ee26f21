import { basename, join } from 'node:path';
import { compare } from '../../decide/compare/compare.ts';
import type { ComparedModel } from '../../decide/compare/inputs.ts';
import { shellWord } from '../../decide/reproduce.ts';
import { pairSumsOf } from '../../onnx/audit/pairSums.ts';
import { readModel } from '../../onnx/read.ts';
import type { Comparison, PairSums, Saturation } from '../../records/comparison.ts';
import { renderComparison } from '../../report/comparison.ts';
import { renderComparisonChart } from '../../report/comparisonChart.ts';
import { hashOf } from '../../store/hash.ts';
import { IN_REPORTS } from '../../store/cannotWrite.ts';
import { writeTextFiles } from '../../store/textFile.ts';
import type { ComparedGroup } from './compareGroups.ts';
import { evaluateStudy, type EvaluatedCandidate } from './evaluateStudy.ts';
import { runsOfGroup, type GroupRuns } from './groupRuns.ts';
import type { PreparedCandidate } from './prepare.ts';
import { readPredictions } from './readPredictions.ts';
import { reportName } from './reportName.ts';
import { assertNotInterrupted, type Session, type Subjects } from './session.ts';
import { variantWarnings } from './variantWarnings.ts';

/** What a comparison is asked for with. */
export interface CompareSettings {
  /** The difference in accuracy or recall that does not matter, as a share. */
  readonly accuracyMargin: number;
  readonly saturation: Saturation['host'];
  /** Say nothing of what was reused. */
  readonly quiet: boolean;
  /** What was typed beside `--group`, to be typed again: "--margin-points 1". */
  readonly flags: readonly string[];
}

export interface WrittenComparison {
  readonly comparison: Comparison;
  /** Markdown, JSON and chart. */
  readonly paths: readonly string[];
}

/**
 * Compares one group: measures it together and evaluates it, as far as the store does not hold it, and
 * writes `reports/STORY/compare-GROUP.md`, `.json` and `.svg`.
 */
export async function compareGroup(
  session: Session,
  subjects: Subjects,
  group: ComparedGroup,
  settings: CompareSettings,
): Promise<WrittenComparison> {
  const { study, store } = session;
  const members = [group.reference, ...group.variants];
  const measured = await runsOfGroup(session, subjects, group);
  if (!settings.quiet) {
    tellRuns(session, group, measured);
  }
  const evaluated = await evaluateStudy(session, { ...subjects, candidates: members });
  const { evaluations, problems } = await store.list();
  const models: ComparedModel[] = [];
  for (const prepared of members) {
    assertNotInterrupted(session.io);
    const warnings = await variantWarnings(prepared, group, subjects, evaluations);
    models.push({ ...(await describeModel(session, prepared, measured, evaluated)), warnings });
  }
  const [reference, ...variants] = models;
  if (reference === undefined) {
    throw new Error(`group ${group.name} has no member`);
  }
  const comparison = compare({
    study: study.file,
    group: group.name,
    reference,
    variants,
    hostClass: subjects.hostClass,
    saturation: settings.saturation,
    dataset: subjects.dataset.audit,
    accuracyMargin: settings.accuracyMargin,
    warnings: [
      ...problems.map((message) => ({ code: 'unreadable_record', message })),
      ...study.unused.map((message) => ({ code: 'unused_key', message })),
    ],
    toolVersion: session.toolVersion,
    commands: [commandOf(session, group, settings)],
  });
  return {
    comparison,
    paths: await writeComparison(join(study.reportsDir, study.file.story), comparison, study.overrides),
  };
}

async function describeModel(
  { store }: Session,
  prepared: PreparedCandidate,
  { runs, failures }: GroupRuns,
  evaluated: readonly EvaluatedCandidate[],
): Promise<Omit<ComparedModel, 'warnings'>> {
  const { id, status } = prepared.candidate;
  const { record: evaluation, lost } = evaluated.find((entry) => entry.id === id) ?? {};
  return {
    id,
    status,
    model: prepared.model,
    // After a failure what is stored is of an earlier session.
    run: failures.has(id) ? undefined : runs.get(id),
    evaluation,
    predictions: evaluation?.status === 'finished' ? await readPredictions(store, evaluation) : undefined,
    latencyFailure: failures.get(id),
    evaluationFailure: lost ?? evaluation?.failure ?? undefined,
    pairSums: await readPairSums(prepared),
  };
}

/** A model without 8-bit weights is not read a second time. */
async function readPairSums({ candidate, model }: PreparedCandidate): Promise<PairSums | undefined> {
  return model.int8_weight_share > 0 ? pairSumsOf((await readModel(candidate.card.modelPath)).graph) : undefined;
}

function tellRuns({ progress }: Session, { name }: ComparedGroup, { reused, runs }: GroupRuns): void {
  if (reused) {
    const started = [...runs.values()].map(({ record }) => record.started_at).toSorted();
    progress.note(
      `${name}: reused the latency records of ${started[0] ?? 'before'}, in which all took turns (--force-new measures again)`,
    );
  }
}

function commandOf({ study }: Session, { name }: ComparedGroup, { flags }: CompareSettings): string {
  return [
    'npx beltbench compare',
    '--study',
    shellWord(basename(study.path)),
    '--group',
    shellWord(name),
    ...study.overrides,
    ...flags,
  ].join(' ');
}

async function writeComparison(
  folder: string,
  comparison: Comparison,
  overrides: readonly string[],
): Promise<string[]> {
  const base = reportName(`compare-${fileName(comparison.group)}`, overrides);
  const files = [
    [join(folder, `${base}.md`), renderComparison(comparison, `${base}.svg`)],
    [join(folder, `${base}.svg`), renderComparisonChart(comparison)],
    [join(folder, `${base}.json`), `${JSON.stringify(comparison, null, 2)}\n`],
  ] as const;
  await writeTextFiles(files, IN_REPORTS);
  return files.map(([path]) => path);
}

/** A group may be named by a backbone, which may hold anything; two such names must not meet in one file. */
function fileName(group: string): string {
  const plain = group.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
  return plain === group ? group : `${plain}-${hashOf(group).slice(0, 8)}`;
}

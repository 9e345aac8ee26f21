import { modesProblem } from '../../config/modesChecks.ts';
import { modesSchema, type Modes } from '../../config/modesSchema.ts';
import { check } from '../../config/problems.ts';
import { readYamlFile } from '../../config/yamlFile.ts';
import { decide } from '../../decide/decide.ts';
import type { DecisionInput } from '../../decide/inputs.ts';
import { makePlan, studyOfMode, type JudgedMode } from '../../decide/modes/makePlan.ts';
import { planProblem } from '../../decide/modes/planProblem.ts';
import type { Deployment, Plan, Suitability } from '../../records/plan.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { hashOf } from '../../store/hash.ts';
import { IN_REPORTS } from '../../store/cannotWrite.ts';
import { writeTextFile } from '../../store/textFile.ts';
import { gatherRecords } from './gather.ts';
import { planFile, readPlan } from './modesPlan.ts';
import type { Session } from './session.ts';

/**
 * Plans the modes of the line from the stored records, without measuring, and writes
 * `reports/STORY/plan.json`: every mode is decided with its own budget and recall floor.
 *
 * @param modesFile a YAML file with the keys of the study's `modes`, instead of them
 * @throws BeltbenchError `bad_study` when there are no modes, a name in them is unknown, or the last resort is not safe
 */
export async function planStudy(
  session: Session,
  modesFile: string | undefined,
): Promise<{ plan: Plan; path: string }> {
  const { study } = session;
  const modes = await modesOf(session, modesFile);
  const input = await gatherRecords(session);
  const judged: JudgedMode[] = Object.entries(modes.line_modes).map(([mode, demands]) => ({
    mode,
    demands,
    decision: decide({ ...input, study: studyOfMode(study.file, demands) }),
  }));
  const plan = withRevisions(makePlan(study.file, modes, judged), input);
  const problem = planProblem(plan);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_study', `${modesFile ?? study.path}: \`modes\`: ${problem}`);
  }
  const path = planFile(study.reportsDir, study.file.story);
  await writeTextFile(path, `${JSON.stringify(plan, null, 2)}\n`, IN_REPORTS);
  // Validated as a controller will read it, so that its first answer is as quick as the next.
  return { plan: await readPlan(path), path };
}

async function modesOf({ study }: Session, modesFile: string | undefined): Promise<Modes> {
  if (modesFile === undefined) {
    if (study.file.modes === undefined) {
      throw new BeltbenchError(
        'bad_study',
        `${study.path} has no \`modes\`; add them (\`beltbench init\` shows how), or name a file with --modes`,
      );
    }
    return study.file.modes;
  }
  const content = await readYamlFile(modesFile, 'bad_study', "name a YAML file with the keys of the study's `modes`");
  const checked = check(modesSchema, unwrapped(content));
  const problem = checked.ok
    ? modesProblem(
        checked.value,
        study.file.candidates.map(({ id }) => id),
      )
    : checked.problem;
  if (!checked.ok || problem !== undefined) {
    throw new BeltbenchError('bad_study', `${modesFile}: ${problem ?? ''}`);
  }
  return checked.value;
}

/** The keys may stand below `modes`, as they do in a study. */
function unwrapped(content: unknown): unknown {
  const isWrapped =
    typeof content === 'object' && content !== null && Object.keys(content).join() === 'modes' && 'modes' in content;
  return isWrapped ? content.modes : content;
}

/**
 * What was observed of another file, preprocessing or threshold says nothing of this one. Of a mode only
 * its own threshold counts: another mode, added or changed, must not revive whom the line has refuted.
 */
function withRevisions(plan: Plan, { candidates }: DecisionInput): Plan {
  const revised = Object.entries(plan.deployments).map(([id, deployment]): [string, Deployment] => {
    const { evaluation, latencyRecords } = candidates.find((candidate) => candidate.id === id) ?? {};
    const identity = {
      model: deployment.model['sha256'] ?? null,
      preprocessing: (evaluation ?? latencyRecords?.at(-1))?.preprocessing ?? null,
      input_size: deployment.model['input_size'] ?? null,
    };
    const modes = Object.entries(deployment.modes).map(([mode, entry]): [string, Suitability] => {
      const revision = hashOf({ ...identity, threshold: entry.thresholds?.target_from ?? null }).slice(0, 12);
      return [mode, { ...entry, revision }];
    });
    return [id, { ...deployment, modes: Object.fromEntries(modes) }];
  });
  return { ...plan, deployments: Object.fromEntries(revised) };
}

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../records/plan.ts';
import { BeltbenchError, reasonOf } from '../../shared/errors.ts';
import { readSealed, writeSealed } from '../../store/sealedFile.ts';
import { toolVersion } from '../version.ts';

/** Above any real plan, of a thousand deployments in ten modes. */
const MAX_PLAN_BYTES = 64 * 1024 * 1024;

/** Where the plan lies: the file that is named, or where the study's `plan` writes it. */
export async function planPathOf({
  plan,
  study,
}: {
  readonly plan?: string | undefined;
  readonly study: string;
}): Promise<string> {
  if (plan !== undefined) {
    return plan;
  }
  // Loaded here only: a controller that names the plan does not wait for the study's YAML.
  const { readStudyFile } = await import('../../config/studyFile.ts');
  const { reportsDir, file } = await readStudyFile(study);
  return planFile(reportsDir, file.story);
}

export function planFile(reportsDir: string, story: string): string {
  return join(reportsDir, story, 'plan.json');
}

/** A plan that was validated, with what it was validated from and by whom. */
interface CheckedPlan {
  readonly source: string;
  readonly tool: string;
  readonly plan: Plan;
}

/**
 * Reads a plan, and validates it once: the result stays beside it, sealed, until the plan's text or
 * beltbench itself is another one.
 *
 * @throws BeltbenchError `bad_record`; the message names the key or the chain, the value and the way out
 */
export async function readPlan(path: string): Promise<Plan> {
  const text = await readPlanText(path);
  const source = createHash('sha256').update(text).digest('hex');
  const tool = buildOf(import.meta.url);
  const checkedPath = `${path}.checked`;
  // The seal says that we wrote it.
  const checked = (await readSealed(checkedPath, MAX_PLAN_BYTES)) as CheckedPlan | undefined;
  if (tool !== undefined && checked?.source === source && checked.tool === tool) {
    return checked.plan;
  }
  // Loaded here only: the schema library takes as long as Node's own start.
  const { validatePlan } = await import('./modesValidate.ts');
  const plan = validatePlan(path, text);
  if (tool !== undefined) {
    await writeSealed(checkedPath, { source, tool, plan } satisfies CheckedPlan);
  }
  return plan;
}

/**
 * Which beltbench this is: its version, and when it was built, since two builds of one version may
 * have other rules for plans. A build gives all its files one time.
 *
 * @param module the URL of a module of it
 * @returns `undefined` for the sources, which change one by one
 */
export function buildOf(module: string): string | undefined {
  return module.endsWith('.ts') ? undefined : `${toolVersion()} ${statSync(new URL(module)).mtimeMs}`;
}

async function readPlanText(path: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) {
    throw new BeltbenchError(
      'bad_record',
      `there is no plan ${path}; write it with \`beltbench plan\`, or name one with --plan FILE`,
    );
  }
  if (!info.isFile() || info.size > MAX_PLAN_BYTES) {
    throw new BeltbenchError(
      'bad_record',
      `a plan is a file of at most ${MAX_PLAN_BYTES} bytes, received ${path}; write it anew with \`beltbench plan\``,
    );
  }
  return await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new BeltbenchError('bad_record', `${path} cannot be read: ${reasonOf(thrown)}; make it readable`, {
      cause: thrown,
    });
  });
}

import { join } from 'node:path';
import { decide } from '../../decide/decide.ts';
import type { Decision } from '../../records/decision.ts';
import { renderDecision } from '../../report/markdown.ts';
import { IN_REPORTS } from '../../store/cannotWrite.ts';
import { writeTextFiles } from '../../store/textFile.ts';
import { gatherRecords } from './gather.ts';
import { reportName } from './reportName.ts';
import type { Session, Subjects } from './session.ts';

export interface WrittenDecision {
  readonly decision: Decision;
  readonly markdownPath: string;
  readonly jsonPath: string;
}

/**
 * Decides from the stored records and writes `reports/STORY/decision.md` and `decision.json`; with
 * flags that narrow it, files named after them. `subjects`: models and images as they are now, if they
 * were read.
 */
export async function decideStudy(session: Session, subjects?: Subjects): Promise<WrittenDecision> {
  const decision = decide(await gatherRecords(session, subjects));
  const folder = join(session.study.reportsDir, session.study.file.story);
  const name = reportName('decision', decision.overrides);
  const markdownPath = join(folder, `${name}.md`);
  const jsonPath = join(folder, `${name}.json`);
  const files = [
    [jsonPath, `${JSON.stringify(decision, null, 2)}\n`],
    [markdownPath, renderDecision(decision)],
  ] as const;
  await writeTextFiles(files, IN_REPORTS);
  return { decision, markdownPath, jsonPath };
}

import type { CommonArgs } from '../io.ts';
import { planWarnings } from '../../decide/plan.ts';
import type { Session, Subjects } from './session.ts';

/** What the study's own numbers cannot prove, told before anything runs. */
export function tellPlan(session: Session, subjects: Subjects, args: CommonArgs): void {
  if (args.quiet) {
    return;
  }
  const { file, unused } = session.study;
  const targets = subjects.dataset.splitImages.filter(
    ({ className, readable }) => readable && className === file.dataset.target_class,
  );
  // Copies of one image prove nothing of their own.
  const distinct = new Set(targets.map(({ contentHash }) => contentHash)).size;
  for (const { message } of planWarnings(file, distinct)) {
    session.progress.note(`note: ${message}`);
  }
  for (const message of unused) {
    session.progress.note(`note: ${message}`);
  }
}

/** Which records were taken from the store. */
export function tellReused(
  session: Session,
  args: CommonArgs,
  results: readonly { id: string; reused: boolean; record?: { record_id: string } | undefined }[],
): void {
  if (args.quiet) {
    return;
  }
  for (const { id, record } of results.filter(({ reused }) => reused)) {
    session.progress.note(`${id}: reused ${record?.record_id ?? ''} (same key; --force-new measures again)`);
  }
}

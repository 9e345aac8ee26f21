import type { MeasuredRun } from '../../decide/compare/inputs.ts';
import { chooseSession, interleavedRounds, type RunsTogether } from '../../decide/compare/interleaved.ts';
import { fewestRounds } from '../../decide/compare/rules.ts';
import type { JournalContent } from '../../store/journal.ts';
import type { ComparedGroup } from './compareGroups.ts';
import { latencyKeyOf } from './identity.ts';
import { isInterrupted, journalOf } from './interrupted.ts';
import { measureStudy } from './measureStudy.ts';
import type { PreparedCandidate } from './prepare.ts';
import { readSamples } from './readSamples.ts';
import type { Session, Subjects } from './session.ts';

/** The runs that a group's speed is judged by. */
export interface GroupRuns {
  readonly runs: RunsTogether;
  /** Why a candidate could not be measured, by its id. */
  readonly failures: ReadonlyMap<string, string>;
  /** Whether all of it was in the store. */
  readonly reused: boolean;
}

/** Of each model so many of its newest runs are looked through; their samples are read for it. */
const MOST_RUNS = 10;

/**
 * The newest session in which all of the group took turns, from the store; else the group is measured
 * together. Runs of sessions of their own are never put side by side.
 */
export async function runsOfGroup(session: Session, subjects: Subjects, group: ComparedGroup): Promise<GroupRuns> {
  const members = [group.reference, ...group.variants];
  const isForced = session.study.file.run.mode === 'force_new';
  const interrupted = isForced ? [] : await interruptedOf(session, subjects, members);
  const goesOn = interrupted.length === members.length && tookTurns(interrupted);
  // Where another measurement of one was asked for and is not done, the stored ones are not what was asked for.
  if (!isForced && interrupted.length === 0) {
    const stored = await storedRuns(session, subjects, group);
    if (stored?.size === members.length) {
      return { runs: stored, failures: new Map(), reused: true };
    }
  }
  const measured = await measureStudy(
    session,
    { ...subjects, candidates: members },
    goesOn ? 'interrupted' : 'nothing',
  );
  return {
    runs: (await storedRuns(session, subjects, group)) ?? new Map(),
    failures: new Map(
      measured.flatMap(({ id, record, lost }) => {
        const reason = lost ?? record?.failure ?? null;
        return reason === null ? [] : [[id, reason]];
      }),
    ),
    reused: false,
  };
}

async function storedRuns(
  session: Session,
  subjects: Subjects,
  { reference, variants }: ComparedGroup,
): Promise<RunsTogether | undefined> {
  const { latency } = await session.store.list();
  const runs = new Map<string, MeasuredRun[]>();
  for (const prepared of [reference, ...variants]) {
    const { benchmarkKey } = latencyKeyOf(session, subjects, prepared);
    const own = latency
      .filter(({ status, benchmark_key: key }) => status === 'finished' && key === benchmarkKey)
      .toReversed()
      .slice(0, MOST_RUNS);
    const read: MeasuredRun[] = [];
    for (const record of own) {
      read.push({ record, samples: await readSamples(session.store, record) });
    }
    runs.set(prepared.candidate.id, read);
  }
  const enough = Math.min(fewestRounds(), session.study.file.benchmarking.rounds);
  return chooseSession(runs, reference.candidate.id, enough);
}

/** What is kept of those members' measurements that are not done, in the order of the members. */
async function interruptedOf(
  session: Session,
  subjects: Subjects,
  members: readonly PreparedCandidate[],
): Promise<JournalContent[]> {
  const { latency } = await session.store.list();
  const contents: JournalContent[] = [];
  for (const prepared of members) {
    const { benchmarkKey } = latencyKeyOf(session, subjects, prepared);
    const content = await journalOf(session, prepared, benchmarkKey).read();
    const records = latency.filter(({ benchmark_key: key }) => key === benchmarkKey);
    if (isInterrupted(content, records)) {
      contents.push(content);
    }
  }
  return contents;
}

/**
 * An interrupted measurement goes on where it was only if the whole group was in it: else some would
 * take the rounds alone that the others have already.
 */
function tookTurns([reference, ...variants]: readonly JournalContent[]): boolean {
  return variants.every((variant) => {
    const pairs = reference === undefined ? 0 : interleavedRounds(reference, variant).length;
    // Each interruption may cut one round in two.
    return [reference, variant].every((taken) => roundsIn(taken) - pairs <= Math.max(1, taken?.launches.length ?? 0));
  });
}

function roundsIn(taken: JournalContent | undefined): number {
  return taken?.rounds.filter(({ batch_size: batchSize }) => batchSize === 1).length ?? 0;
}

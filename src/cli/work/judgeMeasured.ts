import { aggregateRuns, batch1Mean } from '../../decide/aggregate.ts';
import { latencyDemand } from '../../decide/demands.ts';
import { judgeLatency } from '../../decide/latency.ts';
import type { LatencyJudgement } from '../../records/judgement.ts';
import type { Result } from '../results.ts';
import type { Measured } from './measureStudy.ts';
import { readAggregated } from './readSamples.ts';
import type { Session } from './session.ts';

/** One candidate's record with what its samples say. */
export interface JudgedLatency extends Result {
  /** `null`: there is none, because its process was lost. */
  readonly record_id: string | null;
  readonly reused: boolean;
  readonly judgement: LatencyJudgement | null;
}

/** Judges what the decision will judge: of several finished runs of one key, the aggregate (rules.md 2). */
export async function judgeMeasured(session: Session, measured: readonly Measured[]): Promise<JudgedLatency[]> {
  const { study, store } = session;
  const { latency } = await store.list();
  const { latency_aggregation: aggregation } = study.file.benchmark;
  return await Promise.all(
    measured.map(async ({ id, record, lost, reused }) => {
      if (record === undefined) {
        return { id, record_id: null, reused, failure: null, lost, judgement: null };
      }
      const sameKey = latency.filter(({ benchmark_key: key }) => key === record.benchmark_key);
      const runs = batch1Mean(record) === undefined ? undefined : aggregateRuns(sameKey, aggregation);
      const judgement =
        runs === undefined
          ? null
          : judgeLatency(runs, await readAggregated(store, runs), latencyDemand(study.file), aggregation);
      return { id, record_id: record.record_id, reused, failure: record.failure, lost, judgement };
    }),
  );
}

import type { LatencyJudgement } from '../records/judgement.ts';
import type { StageSample } from '../records/latency.ts';
import { median } from '../stats/summary.ts';

/** Medians per stage of the whole path; `null` for a stage that no item went through. */
export function summarizeStages(stages: readonly StageSample[], budgetMs: number): LatencyJudgement['stages'] {
  const medianOf = (name: keyof StageSample): number | null =>
    median(stages.flatMap((stage) => (stage[name] === null ? [] : [stage[name]]))) ?? null;
  return {
    n: stages.length,
    medians: {
      read_ms: medianOf('read_ms'),
      decode_ms: medianOf('decode_ms'),
      resize_ms: medianOf('resize_ms'),
      to_tensor_ms: medianOf('to_tensor_ms'),
      run_ms: medianOf('run_ms'),
      decide_ms: medianOf('decide_ms'),
      end_to_end_ms: medianOf('end_to_end_ms'),
    },
    end_to_end_max_ms: stages.length === 0 ? null : Math.max(...stages.map((stage) => stage.end_to_end_ms)),
    end_to_end_over_budget: stages.filter((stage) => stage.end_to_end_ms > budgetMs).length,
  };
}

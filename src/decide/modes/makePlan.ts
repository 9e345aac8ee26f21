import type { Modes } from '../../config/modesSchema.ts';
import type { StudyFile } from '../../config/studySchema.ts';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import type { Deployment, Plan, PlanMode, Suitability } from '../../records/plan.ts';
import { metricOf } from '../metrics.ts';
import { hardGround } from './exclude.ts';
import { orderFor } from './order.ts';
import { own } from '../../shared/values.ts';
import { planWarnings } from './planWarnings.ts';
import { requirementsOf, thresholdsOf } from './requirements.ts';
import type { Tracker } from './tracker.ts';

/** A mode with what it demands, and what was decided with these demands. */
export interface JudgedMode {
  readonly mode: string;
  readonly demands: Modes['line_modes'][string];
  readonly decision: Decision;
}

/** The study as one mode has it: the mode's own numbers laid over the line's. */
export function studyOfMode(study: StudyFile, demands: JudgedMode['demands']): StudyFile {
  const { line, thresholds } = study;
  return {
    ...study,
    line: { ...line, budget_ms: demands.budget_ms ?? line.budget_ms },
    thresholds: {
      ...thresholds,
      target_recall: demands.target_recall ?? thresholds.target_recall,
      max_false_reject_rate: demands.max_false_reject_rate ?? thresholds.max_false_reject_rate,
    },
  };
}

/**
 * The plan of a line from one decision per mode, each made with the mode's budget and recall floor:
 * who meets the demands of which mode, who comes first there, and who after it.
 *
 * @param judged every decision is about the same candidates
 */
export function makePlan(study: StudyFile, modes: Modes, judged: readonly JudgedMode[]): Plan {
  const candidates = judged[0]?.decision.candidates ?? [];
  const deployments = Object.fromEntries(
    candidates.map((candidate) => [
      candidate.id,
      deploymentOf(candidate, own(modes.capabilities, candidate.id) ?? [], suitabilityOf(study, judged, candidate.id)),
    ]),
  );
  const bare: Plan = {
    schema: 'beltbench/plan',
    version: 1,
    kind: 'line',
    story: study.story,
    notice: study.notice ?? null,
    classes: classesOf(study),
    deployments,
    modes: Object.fromEntries(judged.map(({ mode, demands }) => [mode, demandsOf(study, demands)])),
    rules: modes.rules.map(({ when, choose }) => ({ when, choose, ignore_suitability: false })),
    fallback_chains: modes.fallback_chains,
    last_resort: modes.last_resort,
    mode_settings: modes.settings,
    equal_within: modes.equal_within,
    tracker: modes.tracker,
    warnings: [],
  };
  const plan = {
    ...bare,
    modes: Object.fromEntries(Object.entries(bare.modes).map(([mode, demands]) => [mode, assign(bare, mode, demands)])),
  };
  return { ...plan, warnings: planWarnings(plan, candidates) };
}

const NOTHING_OBSERVED: Tracker = new Map();

/** The mode's own order by the benchmark's figures, among those that meet its demands. */
function assign(plan: Plan, mode: string, demands: PlanMode): PlanMode {
  const ask = { mode };
  const eligible = Object.entries(plan.deployments)
    .filter(([name, deployment]) => hardGround({ plan, ask, name, deployment, figures: undefined }) === undefined)
    .map(([name]) => name);
  const byPriority = { ...plan, rules: [] };
  const [primary, ...chain] = orderFor(byPriority, ask, NOTHING_OBSERVED, eligible).deployments.filter((name) =>
    eligible.includes(name),
  );
  return { ...demands, primary: primary ?? null, fallback_chain: chain };
}

function demandsOf(study: StudyFile, demands: JudgedMode['demands']): PlanMode {
  const { line, thresholds } = studyOfMode(study, demands);
  return {
    budget_ms: line.budget_ms,
    target_recall: thresholds.target_recall,
    confidence: thresholds.confidence,
    max_false_reject_rate: thresholds.max_false_reject_rate,
    priorities: demands.priorities,
    primary: null,
    fallback_chain: [],
  };
}

function classesOf({ dataset }: StudyFile): Plan['classes'] {
  const { classes, target_class: target, maybe_class: maybe } = dataset;
  return {
    target,
    others: Object.keys(classes).filter((name) => name !== target && name !== maybe),
    maybe: maybe ?? null,
  };
}

function deploymentOf(
  { model, latency, accuracy, sweep, backbone, trial_name: trialName, input_size: inputSize }: CandidateDecision,
  capabilities: readonly string[],
  modes: Deployment['modes'],
): Deployment {
  const peakBytes = latency?.peak_rss_bytes ?? null;
  return {
    capabilities: [...capabilities],
    model: {
      file: model?.file ?? null,
      sha256: model?.sha256 ?? null,
      backbone,
      trial_name: trialName,
      input_size: inputSize,
      file_size_bytes: model?.file_size_bytes ?? null,
      peak_rss_bytes: peakBytes,
      // `runs gc` keeps what a report names.
      latency_record_id: latency?.record_id ?? null,
      evaluation_record_id: sweep?.evaluation_record_id ?? accuracy?.record_id ?? null,
    },
    // Rounded up, so that what fits by this number fits.
    memory_mb: model === null || peakBytes === null ? null : Math.ceil((model.file_size_bytes + peakBytes) / 1e5) / 10,
    threads: latency?.threads ?? null,
    revision: null,
    benchmark: {
      units_per_second: latency === null || latency.mean_ms === 0 ? null : 1000 / latency.mean_ms,
      success_rate: null,
    },
    modes,
  };
}

function suitabilityOf(study: StudyFile, judged: readonly JudgedMode[], id: string): Record<string, Suitability> {
  return Object.fromEntries(
    judged.flatMap(({ mode, decision }) => {
      const candidate = decision.candidates.find((entry) => entry.id === id);
      return candidate === undefined ? [] : [[mode, suitabilityIn(study, decision, candidate)]];
    }),
  );
}

function suitabilityIn(study: StudyFile, { candidates, line }: Decision, candidate: CandidateDecision): Suitability {
  const requirements = requirementsOf(candidate, line);
  const fastestMs = Math.min(...candidates.map(({ latency }) => latency?.mean_ms ?? Infinity));
  const meanMs = candidate.latency?.mean_ms;
  const certificate = candidate.sweep?.certificate;
  return {
    suitable: requirements.every(({ verdict }) => verdict === 'PASS'),
    quality_score: metricOf(candidate, study.selection.metric) ?? null,
    speed_score: meanMs === undefined || meanMs === 0 ? null : fastestMs / meanMs,
    false_reject_rate: certificate?.state === 'certified' ? certificate.point.false_reject_rate : null,
    requirements,
    thresholds: thresholdsOf(candidate.sweep),
    revision: null,
  };
}

import { describeDifference } from '../../quantize/search/describeRecipe.ts';
import type { JudgedLatency, JudgedTrial, SearchGoals } from '../../quantize/search/judge.ts';
import type { SearchResult } from '../../quantize/search/search.ts';
import type { MeasuredTrial } from '../../quantize/search/choose.ts';
import type { Recipe } from '../../records/recipe.ts';
import {
  countOf,
  formatMs,
  formatPoints,
  formatPointsInterval,
  formatProbability,
  formatRatio,
} from '../../shared/units.ts';
import { printable } from '../printable.ts';
import { renderTable } from '../tables.ts';
import type { SearchOutcome } from './searchOutcome.ts';

/** One trial in one line, told when it ends. */
export function describeTrial(trial: JudgedTrial, base: Recipe): string {
  const { record, accuracy, latency } = trial;
  const what = nameOf(trial, base);
  if (accuracy === undefined || latency === undefined) {
    return `${what}: ${record.failure ?? 'not measured'}`;
  }
  const limit = accuracy.holdsLimit ? 'holds the limit' : 'loses too much';
  return `${what}: p99 ${formatMs(latency.p99Ms)}, ${formatRatio(latency.ratio)} of float, drop ${formatPoints(accuracy.drop)}, ${limit}`;
}

/** All trials, the Pareto set, the choice and why, and what is to be doubted. */
export function describeSearch({ result, goals, images, reused }: SearchOutcome, base: Recipe): string {
  const head = ['', 'recipe', 'p50', 'p99', 'of float (95 %)', 'accuracy drop (95 %)', 'p', 'flips', 'limit'];
  const rows = result.trials.map((trial, index) => [
    `${index + 1}${trial === result.chosen ? ' chosen' : ''}${result.pareto.some((other) => other === trial) ? ' *' : ''}`,
    nameOf(trial, base),
    ...cells(trial),
  ]);
  const lines = [
    `* the Pareto set: no trial is both faster and more accurate. Drops are of ${countOf(images, 'image')} against the float model.`,
    ...(reused === 0 ? [] : [`${countOf(reused, 'trial')} taken from an earlier search.`]),
    whyEnded(result, goals),
    ...(result.chosen === undefined ? whyNone(goals) : whyChosen(result.chosen, result, goals, base)),
  ];
  return `${renderTable(head, rows)}${lines.map((line) => `${printable(line)}\n`).join('')}`;
}

function cells({ record, accuracy, latency }: JudgedTrial): string[] {
  if (accuracy === undefined || latency === undefined) {
    return ['failed', '', '', '', '', '', record.failure ?? ''];
  }
  const [low, high] = latency.ratioInterval;
  return [
    formatMs(latency.p50Ms),
    formatMs(latency.p99Ms),
    `${formatRatio(latency.ratio)} (${formatRatio(low)} to ${formatRatio(high)})`,
    `${formatPoints(accuracy.drop)} (${formatPointsInterval(accuracy.dropInterval)})`,
    formatProbability(accuracy.exactP),
    String(record.accuracy?.flips ?? ''),
    accuracy.provesLimit ? 'proven' : accuracy.holdsLimit ? 'held' : 'exceeded',
  ];
}

function nameOf({ record }: JudgedTrial, base: Recipe): string {
  const difference = record.recipe === null ? 'float' : describeDifference(record.recipe, base);
  return difference === '' ? 'first recipe' : difference;
}

function whyEnded({ end }: SearchResult, goals: SearchGoals): string {
  switch (end) {
    case 'target_met':
      return `Ended: the target of ${formatMs(goals.targetP99Ms)} is met.`;
    case 'trials_spent':
      return `Ended: ${countOf(goals.maxTrials, 'trial is', 'trials are')} spent; --max-trials allows more.`;
    case 'nothing_left':
      return 'Ended: nothing is left to try.';
  }
}

function whyNone({ maxAccuracyDropPoints }: SearchGoals): string[] {
  return [
    `NO TRIAL holds the limit of ${maxAccuracyDropPoints} points, so no file is written: allow a greater --max-accuracy-drop, more --max-trials, or use the float model.`,
  ];
}

function whyChosen(chosen: MeasuredTrial, { trials }: SearchResult, goals: SearchGoals, base: Recipe): string[] {
  const { accuracy, latency, record } = chosen;
  const { maxAccuracyDropPoints: limit, targetP99Ms: target } = goals;
  const number = trials.findIndex((trial) => trial === chosen) + 1;
  const faster = trials.filter((trial) => trial.isFeasible && (trial.latency?.ratio ?? Infinity) < latency.ratio);
  const lines = [
    `Chosen: trial ${number} (${nameOf(chosen, base)}), ${faster.length === 0 ? 'the fastest that holds the limit' : `the simplest of those that noise cannot tell from the fastest that holds the limit`}: ${formatRatio(latency.ratio)} of the float model's time.`,
  ];
  if (latency.beatsFloat !== 'PASS') {
    lines.push(whyNotFaster(latency));
  }
  const misses = record.accuracy?.target_misses ?? null;
  if (misses !== null) {
    lines.push(
      `Of ${countOf(misses.targets, 'target')} it misses ${misses.variant}, the float model ${misses.reference}.`,
    );
  }
  if (target !== undefined && !latency.meetsTarget) {
    lines.push(`MISSED: its p99 is ${formatMs(latency.p99Ms)}, the target ${formatMs(target)}.`);
  } else if (target !== undefined && (latency.p99UpperMs ?? Infinity) > target) {
    lines.push(
      `NOT PROVEN: p99 ${formatMs(latency.p99Ms)} meets the target of ${formatMs(target)}, but at 95 % it may be ${formatMs(latency.p99UpperMs)}; \`beltbench measure\` with more iterations proves or refutes it.`,
    );
  }
  if (!accuracy.provesLimit) {
    lines.push(
      `NOT PROVEN: ${formatPoints(accuracy.drop)} is within ${limit} points, but at 95 % the drop may be anything in ${formatPointsInterval(accuracy.dropInterval)}; only more images can prove the limit.`,
    );
  }
  return lines;
}

function whyNotFaster({ ratio, ratioInterval: [low, high], beatsFloat }: JudgedLatency): string {
  const interval = `${formatRatio(low)} to ${formatRatio(high)} of the float model's time`;
  return beatsFloat === 'FAIL'
    ? `NOT FASTER: it takes ${interval} (at 95 %), so INT8 gains nothing on this host: use the float model.`
    : `NOT PROVEN: ${formatRatio(ratio)} is faster than the float model, but at 95 % it may take ${interval}; \`beltbench compare\` measures both again.`;
}

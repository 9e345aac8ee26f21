import type { CandidateDecision, Decision } from '../records/decision.ts';
import { countOf, formatCount, formatShare, formatShareInterval, NOT_MEASURED } from '../shared/units.ts';
import { describeNoise } from './differences.ts';
import { graveDoubts, unsteady } from './graveDoubts.ts';
import {
  certifiedPoint,
  certifiedRecall,
  gateOf,
  meanText,
  outOf,
  percentileAtMost,
  selectedOf,
  sentence,
  statedShare,
} from './figures.ts';
import { code, enumerate, strong, type Inline } from './mdast.ts';
import { sharedNeeds } from './needs.ts';
import { groupWarnings } from './warningGroups.ts';
import { whomInShort } from './whom.ts';

/** What is decided, why, and what doubt remains: a line each. */
export type Headline = readonly [what: Inline[], why: Inline[], doubt: Inline[]];

/** The decision in three lines: those of the report and those of the terminal. */
export function headline(decision: Decision): Headline {
  const [what, why, doubt] = HEADLINES[decision.verdict](decision, selectedOf(decision));
  return [
    [...what, ...partOf(decision)],
    why,
    [...doubt, ...unsteady(selectedOf(decision)), ...graveDoubts(decision), ...warningsBelow(decision)],
  ];
}

/** Flags can narrow what is decided; then this is not the whole study's answer. */
function partOf({ overrides }: Decision): Inline[] {
  return overrides.length === 0 ? [] : [' Decided with ', ...enumerate(overrides), ': not the study as it is written.'];
}

type Write = (decision: Decision, selected: CandidateDecision | undefined) => Headline;

const HEADLINES: Readonly<Record<Decision['verdict'], Write>> = {
  SELECTED: (decision, selected) => [
    [strong('Decision: deploy ', nameOf(selected)), ...tagsOf(selected), '. ', passing(decision)],
    whySelected(decision, selected),
    noiseOf(decision),
  ],
  NOT_ENOUGH_DATA: (decision, selected) => [
    [
      strong('NOT ENOUGH DATA.'),
      ...(selected === undefined
        ? [' No candidate can be preferred yet. ']
        : [' Provisionally ', nameOf(selected), ...tagsOf(selected), '. ']),
      `No candidate passes all gates; ${undecided(decision)}.`,
    ],
    selected === undefined ? whyNobody(decision) : whySelected(decision, selected),
    [...settling(decision, selected), ...(selected === undefined ? [] : [' ', ...noiseOf(decision)])],
  ],
  NO_CANDIDATE_PASSES: (decision) => [
    [strong('No candidate passes all gates.'), ` ${allFail(decision)} Nothing is selected.`],
    ['Why: ', ...failuresPerGate(decision)],
    decision.nearest_misses.length === 0
      ? ['How near any of them is to passing cannot be told: what failed to run has no figures.']
      : ['Nearest to passing: ', ...nearestMisses(decision)],
  ],
};

function idsOf(candidates: readonly CandidateDecision[]): string[] {
  return candidates.map(({ id }) => id);
}

function nameOf(candidate: CandidateDecision | undefined): Inline {
  return candidate === undefined ? 'nothing' : code(candidate.id);
}

function tagsOf(candidate: CandidateDecision | undefined): Inline[] {
  const { option = null, status = null } = candidate ?? {};
  const tags = [...(option === null ? [] : [`option ${option}`]), ...(status === null ? [] : [`status ${status}`])];
  return tags.length === 0 ? [] : [` (${tags.join(', ')})`];
}

function passing({ candidates }: Decision): string {
  if (candidates.length === 1) {
    return 'The only candidate passes all gates.';
  }
  const count = candidates.filter(({ verdict }) => verdict === 'PASS').length;
  const open = candidates.filter(({ verdict }) => verdict === 'NOT_ENOUGH_DATA').length;
  const doubt = open === 0 ? '' : ` ${open} ${open === 1 ? 'is' : 'are'} undecided and could change this.`;
  return count === 1
    ? `It is the only one of ${countOf(candidates.length, 'candidate')} that passes all gates.${doubt}`
    : `${count} of ${countOf(candidates.length, 'candidate')} pass all gates; the selector prefers it.${doubt}`;
}

/** Nobody is even provisional: the selector has nothing to go by. */
function whyNobody({ candidates }: Decision): Inline[] {
  return candidates.some(({ verdict, accuracy }) => verdict === 'NOT_ENOUGH_DATA' && accuracy !== null)
    ? ['Why: what has been measured of the undecided candidates does not suffice to rank them.']
    : ['Why: no undecided candidate has been evaluated.'];
}

function undecided({ candidates }: Decision): string {
  if (candidates.length === 1) {
    return 'the only one is undecided';
  }
  const count = candidates.filter(({ verdict }) => verdict === 'NOT_ENOUGH_DATA').length;
  const all = count === candidates.length && count > 1;
  return `${all ? `all ${count}` : `${count} of ${candidates.length}`} ${count === 1 ? 'is' : 'are'} undecided`;
}

function allFail({ candidates }: Decision): string {
  return candidates.length === 1 ? 'The only candidate fails.' : `All ${candidates.length} candidates fail.`;
}

function whySelected({ line, best_configuration: best }: Decision, selected: CandidateDecision | undefined): Inline[] {
  if (selected === undefined) {
    return ['Why: ', NOT_MEASURED];
  }
  const { latency, accuracy } = selected;
  const point = certifiedPoint(selected);
  const proof =
    point === undefined
      ? ''
      : ` at ${statedShare(line.recall_confidence)} confidence (${outOf(point.misses, point.targets)} missed), rejecting ${formatShare(point.false_reject_rate, 1)}${point.false_reject_interval === null ? '' : ` (${formatShareInterval(point.false_reject_interval)})`} of the others`;
  const figures = [
    `accuracy ${accuracyText(accuracy)}`,
    latency === null
      ? `latency ${NOT_MEASURED}`
      : `mean latency ${meanText(latency)} of ${line.budget_ms} ms, p99 ${percentileAtMost(latency, 0.99)}`,
    `certified ${line.target_class} recall ${certifiedRecall(selected)}${proof}`,
  ];
  return [`Why: ${figures.join('; ')}.`, ...(best === null ? [] : [` ${sentence(best.selection_criteria.reason)}`])];
}

function accuracyText(accuracy: CandidateDecision['accuracy']): string {
  const interval = accuracy?.accuracy.interval ?? null;
  return `${formatShare(accuracy?.accuracy.value)}${interval === null ? '' : ` (95 %: ${formatShareInterval(interval)})`}`;
}

function noiseOf({ pairs, selected, candidates }: Decision): Inline[] {
  return selected === null ? [] : describeNoise(pairs, selected, candidates.length - 1);
}

/** More needs than these are a list, and stand below. */
const MOST_NEEDS = 3;

function settling({ candidates }: Decision, selected: CandidateDecision | undefined): Inline[] {
  const others = sharedNeeds(candidates.filter((candidate) => candidate !== selected));
  const own: Inline[][] = (selected?.gates ?? []).flatMap(({ gate, needs }) =>
    needs === null ? [] : [[`${gate}: ${needs}`]],
  );
  const all = idsOf(candidates);
  const wanted =
    selected === undefined
      ? others
          .slice(0, MOST_NEEDS)
          .map(({ kind, text, candidates: whose }) => [`${kind} of `, ...whomInShort(whose, all), `: ${text}`])
      : own;
  const left = selected === undefined ? others.length - wanted.length : others.length;
  return [
    'To settle it: ',
    ...wanted.flatMap((need, index): Inline[] => [index === 0 ? '' : '; ', ...need]),
    left > 0 ? `. ${countOf(left, 'more need')}${selected === undefined ? '' : ' of other candidates'} below.` : '.',
  ];
}

function failuresPerGate({ candidates }: Decision): Inline[] {
  const gates = ['latency', 'recall', 'comparability'] as const;
  return gates
    .map((name) => ({
      name,
      failing: candidates.filter((candidate) => gateOf(candidate, name)?.verdict === 'FAIL').map(({ id }) => id),
    }))
    .filter(({ failing }) => failing.length > 0)
    .flatMap(({ name, failing }, index): Inline[] => [
      index === 0 ? '' : '; ',
      ...whomInShort(failing, idsOf(candidates)),
      ` fail${failing.length === 1 ? 's' : ''} ${name}`,
    ])
    .concat('.');
}

function nearestMisses({ nearest_misses: misses, candidates }: Decision): Inline[] {
  return misses
    .flatMap(({ gate, candidate }, index): Inline[] => {
      const found = candidates.find(({ id }) => id === candidate);
      const excess = found?.gates.find((entry) => entry.gate === gate)?.excess ?? null;
      // A busy machine makes a latency any number of times too long.
      const isStretched =
        gate === 'latency' && found?.latency?.warnings.some(({ code: name }) => name === 'busy_machine');
      const distance =
        excess === null || isStretched === true
          ? ''
          : ` (${formatCount(Number(excess.toPrecision(3)))} times the limit)`;
      // What is beyond its limit there is not the recall but its price.
      const what = gate === 'recall' && excess !== null ? 'false rejects' : gate;
      return [index === 0 ? '' : '; ', `in ${what} `, code(candidate), distance];
    })
    .concat('.');
}

function warningsBelow(decision: Decision): Inline[] {
  const { length } = groupWarnings(decision);
  return length === 0 ? [] : [` ${countOf(length, 'warning')} below.`];
}

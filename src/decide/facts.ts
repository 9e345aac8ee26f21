import type { StudyFile } from '../config/studySchema.ts';
import type { CandidateDecision, Decision } from '../records/decision.ts';
import { countOf, formatShare } from '../shared/units.ts';
import type { DecisionInput } from './inputs.ts';

/** What the line demands, as the report shows it. */
export function lineOf(study: StudyFile): Decision['line'] {
  const { line, thresholds, dataset } = study;
  return {
    budget_ms: line.budget_ms,
    required_share: line.required_share,
    confidence: line.confidence,
    items_per_second: line.items_per_second ?? null,
    target_class: dataset.target_class,
    maybe_class: dataset.maybe_class ?? null,
    target_recall: thresholds.target_recall,
    recall_confidence: thresholds.confidence,
    max_false_reject_rate: thresholds.max_false_reject_rate,
    production: thresholds.production,
  };
}

/** What the audit found of the images that the candidates were evaluated on. */
export function datasetFacts({ dataset }: DecisionInput): Decision['dataset'] {
  if (dataset === undefined) {
    return null;
  }
  const evaluated = dataset.splits.find(({ split }) => split === dataset.split);
  const classes = evaluated?.classes ?? [];
  return {
    split: dataset.split,
    fingerprint: dataset.fingerprint,
    images: classes.reduce((sum, entry) => sum + entry.images, 0),
    per_class: classes.map((entry) => ({ class: entry.class_name, images: entry.images })),
    duplicate_groups: dataset.duplicates.groups,
    leaked_groups: dataset.duplicates.leak,
    leaked_images: dataset.leaked_ids.length,
    contradictory_groups: dataset.duplicates.contradictory,
    unreadable: dataset.unreadable.filter(({ split }) => split === dataset.split).length,
    odd_sized: dataset.odd_sizes.filter(({ split }) => split === dataset.split).length,
  };
}

/** Every doubt in one list, those of the whole first; a candidate's own carry its id. */
export function warningsOf(
  input: DecisionInput,
  candidates: readonly CandidateDecision[],
  selectorWarnings: readonly string[],
): Decision['warnings'] {
  const general = [
    ...input.warnings,
    ...datasetWarnings(input),
    ...recallWarnings(input.study, candidates),
    ...selectorWarnings.map((message) => ({ code: 'speed_proxy', message })),
  ];
  const own = candidates.flatMap((candidate) =>
    [...candidate.warnings, ...(candidate.latency?.warnings ?? []), ...(candidate.accuracy?.warnings ?? [])].map(
      (warning) => ({ ...warning, candidate: candidate.id }),
    ),
  );
  return [...general.map((warning) => ({ ...warning, candidate: null })), ...own];
}

function datasetWarnings(input: DecisionInput): { code: string; message: string }[] {
  const facts = datasetFacts(input);
  if (facts === null) {
    return [];
  }
  const found: [boolean, string, string][] = [
    [
      facts.leaked_groups > 0,
      'leaked_images',
      `${countOf(facts.leaked_images, 'image')} of ${facts.split} (${countOf(facts.leaked_groups, 'group')}) also stand in another split: accuracy and recall are too high by what the models learned by heart`,
    ],
    [
      facts.duplicate_groups > facts.leaked_groups,
      'duplicate_images',
      `${countOf(facts.duplicate_groups, 'group')} of byte-identical images in all splits: the images are fewer than they seem`,
    ],
    [
      facts.contradictory_groups > 0,
      'contradictory_labels',
      `${countOf(facts.contradictory_groups, 'group')} of identical images stand under different classes: one label of each is wrong`,
    ],
    [
      facts.unreadable > 0,
      'unreadable_images',
      `${countOf(facts.unreadable, 'image')} of ${facts.split} cannot be read and were left out`,
    ],
    [
      facts.odd_sized > 0,
      'odd_sizes',
      `${countOf(facts.odd_sized, 'image')} of ${facts.split} have another size than the rest and were resized`,
    ],
  ];
  return found.flatMap(([holds, code, message]) => (holds ? [{ code, message }] : []));
}

/** Certifying several models on the same images spends the error several times (methods C4). */
function recallWarnings(
  study: StudyFile,
  candidates: readonly CandidateDecision[],
): { code: string; message: string }[] {
  const certified = candidates.filter(({ sweep }) => sweep?.certificate.state === 'certified');
  if (certified.length < 2) {
    return [];
  }
  const { confidence } = study.thresholds;
  return [
    {
      code: 'several_certified',
      message: `${certified.length} candidates were certified on the same ${study.dataset.target_class} images: each holds at ${formatShare(confidence, 0)} alone, all together only at ${formatShare(Math.max(0, 1 - certified.length * (1 - confidence)), 0)}; confirm the selected one on fresh images`,
    },
  ];
}

/** What the decision takes for granted because nobody has confirmed it. */
export function assumptionsOf(study: StudyFile, candidates: readonly CandidateDecision[]): string[] {
  const { thresholds, dataset } = study;
  const assumptions = [
    'Images and inferences are independent of each other, and the line will see what the images show, in the same light.',
    'The validation images were not used to train, stop or choose any of the models; where they were, recall and accuracy are too high.',
  ];
  if (thresholds.confirmed_by === undefined || thresholds.confirmed_by === null) {
    assumptions.push(
      `At most ${formatShare(thresholds.max_false_reject_rate, 1)} of the others may be rejected: \`thresholds.max_false_reject_rate\` is nobody's word yet; write who confirmed it into \`thresholds.confirmed_by\`.`,
    );
  }
  const open = candidates.filter(({ gates }) =>
    gates.some(({ reason }) => reason.startsWith('the model card leaves open')),
  );
  if (open.length > 0) {
    assumptions.push(
      `The model cards of ${open.map(({ id }) => id).join(', ')} leave questions open; the usual answers were assumed.`,
    );
  }
  assumptions.push(`An image sent to review is seen by a worker who recognises every ${dataset.target_class}.`);
  return assumptions;
}

/** How to get here again: the commands, and the records that the decision rests on. */
export function recordsOf(input: DecisionInput, candidates: readonly CandidateDecision[]): Decision['reproduce'] {
  const latest = input.candidates
    .flatMap(({ latencyRecords }) => latencyRecords)
    .filter(({ status }) => status === 'finished')
    .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    .at(-1);
  return {
    commands: [`npx beltbench run --study ${input.studyFile}`, `npx beltbench decide --study ${input.studyFile}`],
    tool_version: input.toolVersion,
    host_class: latest?.host_class ?? null,
    records: candidates.flatMap(({ id, latency, accuracy }) => [
      ...(latency === null
        ? []
        : [{ candidate: id, kind: 'latency', record_id: latency.record_id, key: latency.benchmark_key }]),
      ...(accuracy === null
        ? []
        : [{ candidate: id, kind: 'evaluation', record_id: accuracy.record_id, key: accuracy.predictions_key }]),
    ]),
  };
}

import type { Gate } from '../records/decision.ts';
import type { HostClass } from '../records/host.ts';
import type { LatencyRecord } from '../records/latency.ts';
import type { EvaluationRecord } from '../records/predictions.ts';
import { countOf, shortHash } from '../shared/units.ts';
import type { CommonGround } from './commonGround.ts';
import { fail, notEnough, pass, type Doubt } from './gates.ts';
import type { CandidateInput } from './inputs.ts';
import { sameSize, sizeText } from './sizes.ts';

/**
 * The comparability gate: what was measured otherwise than the rest is not ranked with it.
 *
 * @param record the run that stands for the candidate
 */
export function comparabilityGate(
  candidate: CandidateInput,
  record: LatencyRecord | undefined,
  ground: CommonGround,
): Gate {
  const conflict = sizeConflict(candidate, ground);
  if (conflict !== undefined) {
    return fail('comparability', conflict, null);
  }
  const { inputSize, evaluation } = candidate;
  const doubts = [...cardDoubts(candidate), ...latencyDoubts(record, ground), ...dataDoubts(evaluation, ground)];
  if (doubts.length > 0 || record === undefined || evaluation === undefined) {
    return notEnough('comparability', {
      reason: doubts.map(({ reason }) => reason).join('; '),
      needs: [...new Set(doubts.map(({ needs }) => needs))].join(' and '),
    });
  }
  const size = inputSize === undefined ? 'unknown' : sizeText(inputSize);
  return pass(
    'comparability',
    `input ${size} as trained, ${record.host_class.cpu_model}, ${countOf(record.settings.threads, 'thread')}, data ${shortHash(evaluation.data_fingerprint)}`,
  );
}

function sizeConflict({ inputSize, trainedInputSize }: CandidateInput, ground: CommonGround): string | undefined {
  if (inputSize === undefined) {
    return undefined;
  }
  const size = sizeText(inputSize);
  if (trainedInputSize !== undefined && !sameSize(inputSize, trainedInputSize)) {
    return `runs at ${size}, trained at ${sizeText(trainedInputSize)}: neither its latency nor its accuracy is that of the trained model`;
  }
  return ground.inputSize === undefined || size === ground.inputSize
    ? undefined
    : `runs at ${size}, the others at ${ground.inputSize}: latencies at different input sizes cannot be compared`;
}

function cardDoubts({ openQuestions, trainedInputSize }: CandidateInput): Doubt[] {
  const asked = openQuestions.map(({ question }) => question);
  const open = trainedInputSize === undefined && asked.length === 0 ? ['trained_input_size'] : asked;
  return open.length === 0
    ? []
    : [{ reason: `the model card leaves open: ${open.join(' ')}`, needs: 'answer the questions in the model card' }];
}

function latencyDoubts(record: LatencyRecord | undefined, ground: CommonGround): Doubt[] {
  if (record === undefined) {
    return [{ reason: 'no latency to compare', needs: 'run `beltbench measure`' }];
  }
  const doubts: Doubt[] = [];
  if (record.key_parts.host_class !== ground.hostClass) {
    doubts.push({
      reason: `measured on another host class than the rest (${describeHosts(record.host_class, ground.host)})`,
      needs: 'measure all candidates on one host',
    });
  }
  if (record.settings.threads !== ground.threads) {
    doubts.push({
      reason: `measured with ${countOf(record.settings.threads, 'thread')}, the study asks for ${ground.threads}`,
      needs: 'run `beltbench measure`',
    });
  }
  return doubts;
}

function dataDoubts(evaluation: EvaluationRecord | undefined, ground: CommonGround): Doubt[] {
  if (evaluation?.status !== 'finished') {
    return [{ reason: 'no predictions to compare', needs: 'run `beltbench evaluate`' }];
  }
  if (evaluation.data_fingerprint !== ground.dataFingerprint) {
    return [{ reason: 'evaluated on other images than the rest', needs: 'run `beltbench evaluate`' }];
  }
  const lacking = evaluation.skipped.filter(({ id }) => !ground.unanswered.has(id));
  const [first] = lacking;
  return first === undefined
    ? []
    : [
        {
          reason: `${countOf(lacking.length, 'image')} that others answered left out (${first.id}: ${first.reason})`,
          needs: 'mend the images or the resize rule of the model card and run `beltbench evaluate`',
        },
      ];
}

/** Only what differs: of two hosts with the same CPU the reader would see no difference. */
function describeHosts(own: HostClass, others: HostClass | undefined): string {
  const facts = Object.keys(own) as (keyof HostClass)[];
  return facts
    .map((fact) => ({ name: fact.replaceAll('_', ' '), mine: String(own[fact]), theirs: String(others?.[fact]) }))
    .filter(({ mine, theirs }) => mine !== theirs)
    .map(({ name, mine, theirs }) => `${name} ${mine}, not ${theirs}`)
    .join('; ');
}

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import {
  checkpointListingSchema,
  trainingLogLineSchema,
  type TrainingLogLine,
  type TrainingRun,
} from '../records/trainingLog.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { check } from '../config/problems.ts';
import { EpochCollector } from './epochCollector.ts';
import { parsePythonJson } from './pythonJson.ts';

/** A log of a hundred thousand epochs; a larger file is a mistake or an attack. */
const MOST_BYTES = 64 * 1024 * 1024;
/** At most this many left-out lines are told one by one. */
const MOST_TOLD = 3;

/**
 * Reads one training log: JSON lines of the phases `train` and `val`, or a listing of checkpoints
 * as one JSON document. Lines that cannot be read, such as the half line of a killed trainer, are
 * left out and said.
 *
 * @throws BeltbenchError `bad_record` when the file is missing, too large, or holds no epoch
 */
export async function readTrainingLog(path: string): Promise<TrainingRun> {
  await assertReadable(path);
  const first = await firstCharacters(path);
  const run = isDocument(first) ? await readListing(path) : await readLines(path);
  if (run.epochs.length === 0) {
    throw new BeltbenchError(
      'bad_record',
      `${path} holds no epoch of a training${run.notes[0] === undefined ? '' : ` (${run.notes[0]})`}; name a log of JSON lines with \`epoch\`, \`phase\` and \`val_loss\`, or a list of checkpoints`,
    );
  }
  return run;
}

async function assertReadable(path: string): Promise<void> {
  const info = await stat(path).catch((thrown: unknown) => {
    throw new BeltbenchError('bad_record', `${path} cannot be read: ${reasonOf(thrown)}; name a training log`);
  });
  if (!info.isFile() || info.size > MOST_BYTES) {
    const found = info.isFile() ? `has ${info.size} bytes, and at most ${MOST_BYTES} are read` : 'is not a file';
    throw new BeltbenchError('bad_record', `${path} ${found}; name a training log`);
  }
}

async function firstCharacters(path: string): Promise<string> {
  const stream = createReadStream(path, { encoding: 'utf8', end: 4095 });
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
  }
  return text.trimStart();
}

/** Every line of a log opens an object of its own; a listing opens a list, or an object that holds one. */
function isDocument(text: string): boolean {
  return text.startsWith('[') || /^\{\s*"checkpoints"/.test(text);
}

async function readListing(path: string): Promise<TrainingRun> {
  const content = parsePythonJson(await readFile(path, 'utf8'));
  const listing = check(checkpointListingSchema, content);
  if (!listing.ok) {
    throw new BeltbenchError(
      'bad_record',
      `${path} is no list of checkpoints: ${listing.problem}; each needs \`epoch\`, \`eval_loss\` and, if known, \`train_loss\``,
    );
  }
  const epochs = listing.value.map((entry) => ({
    epoch: entry.epoch,
    step: entry.step,
    checkpointPath: entry.checkpoint_path ?? entry.path,
    trainLoss: entry.train_loss ?? undefined,
    evalLoss: entry.eval_loss ?? undefined,
    accuracy: undefined,
    confusion: undefined,
    inputSize: undefined,
    epochsWithoutImprovement: entry.epochs_without_improvement ?? undefined,
  }));
  return { source: path, epochs, notes: [] };
}

async function readLines(path: string): Promise<TrainingRun> {
  const collector = new EpochCollector();
  const leftOut: string[] = [];
  let number = 0;
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') {
      continue;
    }
    const read = parseLine(line);
    if (typeof read === 'string') {
      leftOut.push(`line ${number} is left out: ${read}`);
    } else {
      collector.add(read);
    }
  }
  const more = leftOut.length - MOST_TOLD;
  const told = [...leftOut.slice(0, MOST_TOLD), ...(more > 0 ? [`${more} more lines are left out`] : [])];
  return { source: path, epochs: collector.epochs(), notes: [...collector.notes, ...told] };
}

function parseLine(line: string): TrainingLogLine | string {
  const content = parsePythonJson(line);
  if (content === undefined) {
    return 'it is no JSON (cut off?)';
  }
  const checked = check(trainingLogLineSchema, content);
  return checked.ok ? checked.value : checked.problem;
}

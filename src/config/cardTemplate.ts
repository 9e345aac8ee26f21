import { QUESTIONS } from './modelCard.ts';
import { printable } from './shown.ts';
import { yamlList, yamlScalar } from './yamlScalar.ts';

/** What `init` read from a model file; what the file leaves open is `undefined`. */
export interface CardTemplateInput {
  /** The ONNX file's name; the card lies beside it. */
  readonly file: string;
  /** Pixels: a square's side, or height and width. */
  readonly inputSize: number | readonly [number, number] | undefined;
  readonly classCount: number | undefined;
  /** The study's class names. */
  readonly classes: readonly string[] | undefined;
}

/**
 * The text of a model card with every key. What no file can tell is `unknown`, with the question to
 * ask; what the study's defaults cover stands commented out with an example.
 */
export function cardTemplate({ file, inputSize, classCount, classes }: CardTemplateInput): string {
  const size = typeof inputSize === 'object' ? `[${inputSize.join(', ')}]` : inputSize;
  const comment = file.replace(/\.onnx$/i, '');
  return `# The contract of ${printable(file, 200)}. Written by \`beltbench init\`; answer the questions where it says \`unknown\`:
# until then every report warns.

file: ${yamlScalar(file)}

# ${QUESTIONS.classes}
${outputsComment(classCount)}${classes === undefined ? '' : `# The study's classes by the alphabet of their folders, which is assumed while unknown: ${yamlList(classes)}\n`}classes: unknown

${size === undefined ? '# Pixels the file takes, one number or [height, width]. THE FILE LEAVES IT OPEN: say it, nothing is measured before.\n# input_size: 128' : `# Pixels the file takes, one number or [height, width]; read from the file.\ninput_size: ${size}`}

# ${QUESTIONS.trained_input_size}
# A model that runs at another size than it was trained at is measured, flagged and not ranked.
trained_input_size: unknown

# ${QUESTIONS.scale}
# While unknown, 1/255 is assumed.
scale: unknown

# These are the study's \`preprocessing\` unless stated here; its comments say what each means.
# resize: shorter_side
# resize_to: 146
# crop: center
# interpolation: linear
# mean: none
# std: none
# channel_order: rgb

# The only layout that is fed.
layout: nchw
# logits, probabilities, or auto: told from the values.
outputs: auto

# Names for tables and for joining with training runs; left out, the candidate's id.
# backbone: ${yamlScalar(comment.slice(0, 100) || 'model')}
# trial_name: ${yamlScalar(comment.slice(0, 100) || 'model')}
# Parameter count, where the file is not at hand.
# parameters: 23512130
# source_checkpoint: runs/phase1/best.pt
# note: exported on DATE by NAME

# Figures somebody states: shown as claims, never used as measurements. Shares in 0..1; input_size is the
# size (pixels) at which the latency was measured.
# claimed:
#   accuracy: 0.9405
#   target_recall: 0.9258
#   latency_ms: 16
#   size_mb: 90
#   input_size: 128
#   note: STORY-006
# A file of the training side that holds such figures; relative to this card.
# evaluation_results: evaluation_results.json
`;
}

function outputsComment(classCount: number | undefined): string {
  return classCount === undefined ? '' : `# The file has ${classCount} outputs.\n`;
}

import { stringify } from 'yaml';
import type { ModelCardFile } from './modelCardSchema.ts';
import type { Size } from './preprocessing.ts';
import { printable } from './shown.ts';

/** What differs between a model's card and that of a file made from it. */
export interface Variant {
  /** The variant's file name; its card lies beside it. */
  readonly file: string;
  /** Shared by the model and all its variants. */
  readonly backbone: string;
  /** The variant's own name. */
  readonly trialName: string;
  readonly inputSize: Size;
  readonly note: string;
}

/**
 * The text of the card of a file that was made from another model: the same contract, without the
 * claims, which are about the other file.
 */
export function variantCard(source: ModelCardFile, { file, backbone, trialName, inputSize, note }: Variant): string {
  const { claimed: _, evaluation_results: __, ...contract } = source;
  const card = {
    ...contract,
    file,
    input_size: inputSize.height === inputSize.width ? inputSize.height : [inputSize.height, inputSize.width],
    backbone,
    trial_name: trialName,
    note,
  };
  return `# The contract of ${printable(file, 200)}. Written by \`beltbench quantize\` from ${printable(source.file, 200)}'s card; what says
# \`unknown\` here is asked there.
${stringify(card, { lineWidth: 0 })}`;
}

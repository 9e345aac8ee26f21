import type { UnreadableKind } from '../records/dataset.ts';
import { BeltbenchError } from '../shared/errors.ts';

/**
 * One image that cannot be used. It does not stop a run: the audit and the evaluation list it with
 * its kind and go on without it.
 */
export class UnreadableImage extends BeltbenchError {
  readonly kind: UnreadableKind;
  /** Why, without the name and the way out. */
  readonly detail: string;

  constructor(name: string, kind: UnreadableKind, detail: string, options?: ErrorOptions) {
    super('bad_dataset', `${name} cannot be used as an image: ${detail}; replace or remove it`, options);
    this.name = 'UnreadableImage';
    this.kind = kind;
    this.detail = detail;
  }
}

import { BeltbenchError } from '../../shared/errors.ts';
import type { Float32Tensor } from '../graph.ts';
import { elementCount } from '../tensor.ts';

/** A network's tensors by PyTorch name and in PyTorch layout, batch-norm folded. */
export type Weights = ReadonlyMap<string, Float32Tensor>;

/** Hands out a network's tensors one by one and knows in the end whether all were asked for. */
export class WeightReader {
  readonly #weights: Weights;
  readonly #network: string;
  readonly #unread: Set<string>;

  /** `network` names what is built, for messages. */
  constructor(weights: Weights, network: string) {
    this.#weights = weights;
    this.#network = network;
    this.#unread = new Set(weights.keys());
  }

  /** @throws BeltbenchError `bad_model` when the tensor is missing or has another shape. */
  take(name: string, dims: readonly number[]): Float32Tensor {
    const tensor = this.#weights.get(name);
    if (tensor === undefined) {
      throw new BeltbenchError(
        'bad_model',
        `${this.#network} needs the tensor ${name} of shape [${dims.join(', ')}], and the weights have none of that name: export them with batch-norm folded and the names of PyTorch`,
      );
    }
    if (tensor.dims.join() !== dims.join() || tensor.data.length !== elementCount(dims)) {
      throw new BeltbenchError(
        'bad_model',
        `${this.#network} needs the tensor ${name} in the shape [${dims.join(', ')}], and the weights hold [${tensor.dims.join(', ')}] with ${tensor.data.length} values: use the weights of this architecture and these widths`,
      );
    }
    this.#unread.delete(name);
    return tensor;
  }

  /** @throws BeltbenchError `bad_model` when the weights hold a tensor that nothing asked for. */
  finish(): void {
    const [first] = this.#unread;
    if (first !== undefined) {
      throw new BeltbenchError(
        'bad_model',
        `${this.#network} has no place for the tensor ${first} (${this.#unread.size} such): use the weights of this architecture, with batch-norm folded`,
      );
    }
  }
}

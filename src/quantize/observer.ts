import { BeltbenchError } from '../shared/errors.ts';
import { GrowingHistogram } from './growingHistogram.ts';
import { countSpan, startRunning, type Running } from './countSpan.ts';
import type { ValueStatistics } from './statistics.ts';

/** Rows of a channels-last value that are read channel by channel while they lie in the fastest caches. */
const ROWS_AT_ONCE = 32;
/** Numbers side by side per call; V8 compiles a short call that comes often better than one that does not end. */
const NUMBERS_AT_ONCE = 512;

/**
 * Watches one float value of the graph while images run through it, and keeps its statistics but
 * never its numbers: the memory does not grow with the images. Counts, minima and maxima are the
 * same in whatever order the images come; means, summed in float64, to rounding.
 */
export class ValueObserver {
  readonly #channelAxis: number | undefined;
  readonly #name: string;
  readonly #histogram = new GrowingHistogram();
  #count = 0;
  /** Of each channel, or of the whole value where there are none. */
  #running: Running | undefined;

  /**
   * @param channelAxis the axis whose entries get statistics of their own; `undefined` for none
   * @param name the value's name, for messages
   */
  constructor(channelAxis: number | undefined, name: string) {
    this.#channelAxis = channelAxis;
    this.#name = name;
  }

  /**
   * @param values row-major
   * @param dims the sizes of the axes; that of the channel axis must stay the same
   * @param source what the numbers were computed from, for messages
   * @throws BeltbenchError `bad_model` when a number is NaN or infinite; the observer is of no use after that
   */
  add(values: Float32Array, dims: readonly number[], source = 'a calibration image'): void {
    const axis = this.#channelAxis;
    const channels = axis === undefined ? 1 : (dims[axis] ?? 0);
    const running = (this.#running ??= startRunning(channels));
    if (product(dims) !== values.length || running.sum.length !== channels) {
      throw new Error(`${values.length} numbers of [${dims.join(', ')}] do not fit ${running.sum.length} channels`);
    }
    const together = axis === undefined ? values.length : product(dims.slice(axis + 1));
    const finite =
      together === 1 ? this.#addInterleaved(values, running) : this.#addSideBySide(values, together, running);
    if (!finite) {
      throw new BeltbenchError(
        'bad_model',
        `every value of the graph must be finite, received ${values.find((value) => !Number.isFinite(value))} in \`${this.#name}\` for ${source}; run \`beltbench inspect\` to look for NaN weights, and check the scale in the model card`,
      );
    }
    this.#count += values.length;
  }

  /** @throws BeltbenchError `bad_dataset` when no numbers were seen */
  statistics(): ValueStatistics {
    if (this.#running === undefined || this.#count === 0) {
      throw new BeltbenchError(
        'bad_dataset',
        `the range of \`${this.#name}\` needs at least one calibration image, received none; name a folder with images`,
      );
    }
    const { min, max, sum } = this.#running;
    const perChannel = this.#count / sum.length;
    const least = min.reduce((a, b) => Math.min(a, b));
    const most = max.reduce((a, b) => Math.max(a, b));
    return {
      count: this.#count,
      min: least,
      max: most,
      histogram: this.#histogram.between(least, most),
      channels:
        this.#channelAxis === undefined
          ? undefined
          : { min: min.slice(), max: max.slice(), mean: sum.map((total) => total / perChannel) },
    };
  }

  /** Each channel's numbers lie `together` by `together`. */
  #addSideBySide(values: Float32Array, together: number, running: Running): boolean {
    const channels = running.sum.length;
    let finite = true;
    for (let start = 0, row = 0; start < values.length; start += together, row += 1) {
      const end = start + together;
      for (let from = start; from < end; from += NUMBERS_AT_ONCE) {
        const to = Math.min(end, from + NUMBERS_AT_ONCE);
        finite = countSpan(values, from, to, 1, row % channels, running, this.#histogram) && finite;
      }
    }
    return finite;
  }

  /** The channel axis is the last. */
  #addInterleaved(values: Float32Array, running: Running): boolean {
    const channels = running.sum.length;
    let finite = true;
    for (let start = 0; start < values.length; start += ROWS_AT_ONCE * channels) {
      const end = Math.min(values.length, start + ROWS_AT_ONCE * channels);
      for (let channel = 0; channel < channels; channel += 1) {
        finite = countSpan(values, start + channel, end, channels, channel, running, this.#histogram) && finite;
      }
    }
    return finite;
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((count, size) => count * size, 1);
}

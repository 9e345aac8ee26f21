/**
 * What a value is, written in the input x of a GRN and in its response n, which has one number per
 * channel: `constant + ofX * x + ofResponse * n + ofProduct * x * n`, each coefficient one number per
 * channel. Whatever order an exporter adds and multiplies in, the coefficients come out the same.
 */
export interface Terms {
  readonly constant: Float64Array;
  readonly ofX: Float64Array;
  readonly ofResponse: Float64Array;
  readonly ofProduct: Float64Array;
  /** Whether it was computed from the response, even if the coefficients happen to be 0. */
  readonly usesResponse: boolean;
}

const COEFFICIENTS = ['constant', 'ofX', 'ofResponse', 'ofProduct'] as const;
type Coefficient = (typeof COEFFICIENTS)[number];

/** What the product of two terms is a multiple of; x * x and n * n are none. */
const PRODUCTS: Readonly<Record<Coefficient, Partial<Readonly<Record<Coefficient, Coefficient>>>>> = {
  constant: { constant: 'constant', ofX: 'ofX', ofResponse: 'ofResponse', ofProduct: 'ofProduct' },
  ofX: { constant: 'ofX', ofResponse: 'ofProduct' },
  ofResponse: { constant: 'ofResponse', ofX: 'ofProduct' },
  ofProduct: { constant: 'ofProduct' },
};

export function xTerms(channels: number): Terms {
  return { ...zero(channels, false), ofX: new Float64Array(channels).fill(1) };
}

export function responseTerms(channels: number): Terms {
  return { ...zero(channels, true), ofResponse: new Float64Array(channels).fill(1) };
}

/** `numbers` are one per channel, or one for all. */
export function constantTerms(numbers: Float32Array, channels: number): Terms {
  const constant = Float64Array.from({ length: channels }, (_, channel) => numberAt(numbers, channel));
  return { ...zero(channels, false), constant };
}

function numberAt(numbers: Float32Array, channel: number): number {
  return numbers[numbers.length === 1 ? 0 : channel] ?? Number.NaN;
}

/** `a + factor * b` */
export function added(a: Terms, b: Terms, factor: 1 | -1): Terms {
  const sum = (key: Coefficient): Float64Array => a[key].map((number, at) => number + factor * (b[key][at] ?? 0));
  return {
    constant: sum('constant'),
    ofX: sum('ofX'),
    ofResponse: sum('ofResponse'),
    ofProduct: sum('ofProduct'),
    usesResponse: a.usesResponse || b.usesResponse,
  };
}

/** `undefined` when the product has squares of x or of the response. */
export function multiplied(a: Terms, b: Terms): Terms | undefined {
  const product = zero(a.constant.length, a.usesResponse || b.usesResponse);
  for (const left of COEFFICIENTS.filter((key) => !isZero(a[key]))) {
    for (const right of COEFFICIENTS.filter((key) => !isZero(b[key]))) {
      const key = PRODUCTS[left][right];
      if (key === undefined) {
        return undefined;
      }
      for (const [channel, number] of a[left].entries()) {
        product[key][channel] = (product[key][channel] ?? 0) + number * (b[right][channel] ?? 0);
      }
    }
  }
  return product;
}

/** `undefined` when `b` is no constant, or 0 in a channel. */
export function divided(a: Terms, b: Terms): Terms | undefined {
  const isConstant = [b.ofX, b.ofResponse, b.ofProduct].every(isZero) && b.constant.every((number) => number !== 0);
  return isConstant ? multiplied(a, { ...b, constant: b.constant.map((number) => 1 / number) }) : undefined;
}

export function isZero(coefficient: Float64Array): boolean {
  return coefficient.every((number) => number === 0);
}

function zero(channels: number, usesResponse: boolean): Terms {
  const none = (): Float64Array => new Float64Array(channels);
  return { constant: none(), ofX: none(), ofResponse: none(), ofProduct: none(), usesResponse };
}

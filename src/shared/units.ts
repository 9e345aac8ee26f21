/** Numbers as people read them. An absent number is told as such; it never becomes a zero. */

export const NOT_MEASURED = 'not measured';

/** 12.345 -> "12.35 ms"; below 1 ms three decimals, from 100 ms on one. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) {
    return NOT_MEASURED;
  }
  const digits = ms < 1 ? 3 : ms < 100 ? 2 : 1;
  return `${ms.toFixed(digits)} ms`;
}

/** 0.9421 -> "94.21 %". */
export function formatShare(share: number | null | undefined, digits = 2): string {
  return share === null || share === undefined ? NOT_MEASURED : `${formatPercentNumber(share, digits)} %`;
}

/** [0.9275, 0.9545] -> "92.8-95.4 %". */
export function formatShareInterval(interval: readonly [number, number], digits = 1): string {
  return `${formatPercentNumber(interval[0], digits)}-${formatPercentNumber(interval[1], digits)} %`;
}

/** A share that is not exactly 0 or 1 never rounds to "0" or "100". */
function formatPercentNumber(share: number, digits: number): string {
  const text = (share * 100).toFixed(digits);
  const rounded = Number(text);
  if ((rounded === 100 && share < 1) || (rounded === 0 && share > 0)) {
    return (share * 100).toPrecision(rounded === 100 ? digits + 4 : 2);
  }
  return text;
}

/** Bytes in the decimal megabytes that model sizes are quoted in: 93970653 -> "94.0 MB". */
export function formatMegabytes(bytes: number | null | undefined): string {
  return bytes === null || bytes === undefined ? NOT_MEASURED : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** 23512130 -> "23.51 M". */
export function formatMillions(count: number | null | undefined): string {
  return count === null || count === undefined ? NOT_MEASURED : `${(count / 1e6).toFixed(2)} M`;
}

/** A p value or another small probability with three significant digits. */
export function formatProbability(p: number): string {
  return p >= 0.001 ? p.toPrecision(3).replace(/0+$/, '').replace(/\.$/, '') : p.toExponential(1);
}

/** 1 -> "1 image", 2 -> "2 images". */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** The first 12 characters of a hash: enough for people to tell records apart. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}

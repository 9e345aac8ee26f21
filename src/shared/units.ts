/** Numbers as people read them. An absent number is told as such; it never becomes a zero. */

export const NOT_MEASURED = 'not measured';

/** 12.345 -> "12.35 ms"; below 1 ms three decimals, from 100 ms on one. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) {
    return NOT_MEASURED;
  }
  return `${formatMsNumber(ms)} ms`;
}

/** What stands in brackets behind a latency, which has the unit: [16.1, 16.5] -> "16.10-16.50". */
export function formatMsInterval([lower, upper]: readonly [number, number]): string {
  return `${formatMsNumber(lower)}-${formatMsNumber(upper)}`;
}

/** As `formatMs`, without the unit. */
export function formatMsNumber(ms: number): string {
  return ms.toFixed(ms < 1 ? 3 : ms < 100 ? 2 : 1);
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
  const percent = share * 100;
  const text = percent.toFixed(digits);
  if (Number(text) === 0 && share > 0) {
    return percent.toPrecision(2);
  }
  return Number(text) === 100 && share < 1 ? percent.toFixed(-Math.floor(Math.log10(100 - percent))) : text;
}

/** A lower bound, rounded down: what is shown is still certain. 0.98996 -> "98.99 %". */
export function formatAtLeast(share: number | null | undefined, digits = 2): string {
  return formatBound(share, digits, 'down');
}

/** An upper bound, rounded up: what is shown is still certain. 0.010048 -> "1.01 %". */
export function formatAtMost(share: number | null | undefined, digits = 2): string {
  return formatBound(share, digits, 'up');
}

function formatBound(share: number | null | undefined, digits: number, towards: Towards): string {
  if (share === null || share === undefined) {
    return NOT_MEASURED;
  }
  // Rounded before the factor 100, which would add digits of its own.
  return `${(Number(toFixedTowards(share, digits + 2, towards)) * 100).toFixed(digits)} %`;
}

/** A difference of two shares, with its sign: -0.0016 -> "-0.16 points". */
export function formatPoints(difference: number): string {
  return `${formatSignedPoints(difference)} points`;
}

/** [-0.013, 0.0098] -> "-1.30 to +0.98 points". */
export function formatPointsInterval([lower, upper]: readonly [number, number]): string {
  return `${formatSignedPoints(lower)} to ${formatPoints(upper)}`;
}

/** A margin in points, with no more digits than it has: 0.015 -> "1.5". */
export function formatMargin(share: number): string {
  return String(Number((share * 100).toPrecision(12)));
}

/** A ratio of latencies: 0.3456 -> "0.346", 1.0149 -> "1.015", 12.34 -> "12.3". */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 3 : 1);
}

function formatSignedPoints(difference: number): string {
  const text = (difference * 100).toFixed(2);
  return Number(text) === 0 ? '0.00' : difference > 0 ? `+${text}` : text;
}

/**
 * A threshold on a score in [0, 1], with six digits of it and of its distance to 1. Rounded to the
 * side that the caller names: down where none more may be missed, up where none more may be rejected.
 */
export function formatThreshold(threshold: number, towards: Towards): string {
  const margin = Math.min(threshold, 1 - threshold);
  // Nearer to 0 or 1 than this, rounding costs more readability than it brings.
  return margin < 1e-9 || Number(threshold.toFixed(6)) === threshold
    ? String(threshold)
    : toFixedTowards(threshold, 5 - Math.floor(Math.log10(margin)), towards);
}

type Towards = 'down' | 'up';

/** `toFixed` to one side of the value; to the value itself where it has no more digits. */
function toFixedTowards(value: number, digits: number, towards: Towards): string {
  const nearest = value.toFixed(digits);
  const step = 10 ** -digits;
  if (towards === 'down') {
    return Number(nearest) > value ? (Number(nearest) - step).toFixed(digits) : nearest;
  }
  return Number(nearest) < value ? (Number(nearest) + step).toFixed(digits) : nearest;
}

/** Bytes in the decimal megabytes that model sizes are quoted in: 93970653 -> "94.0 MB", 44000 -> "0.044 MB". */
export function formatMegabytes(bytes: number | null | undefined): string {
  return bytes === null || bytes === undefined ? NOT_MEASURED : `${formatMillionth(bytes, 1)} MB`;
}

/** 23512130 -> "23.51 M", 1000 -> "0.0010 M". */
export function formatMillions(count: number | null | undefined): string {
  return count === null || count === undefined ? NOT_MEASURED : `${formatMillionth(count, 2)} M`;
}

/** Something small keeps two digits instead of becoming a zero. */
function formatMillionth(count: number, digits: number): string {
  const millions = count / 1e6;
  return millions > 0 && millions < 0.1 ? millions.toPrecision(2) : millions.toFixed(digits);
}

/** A p value or another small probability with three significant digits. */
export function formatProbability(p: number): string {
  return p >= 0.001 ? p.toPrecision(3).replace(/0+$/, '').replace(/\.$/, '') : p.toExponential(1);
}

/** 119843 -> "119,843". */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** 1 -> "1 image", 2000 -> "2,000 images". */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** The first 12 characters of a hash: enough for people to tell records apart. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}

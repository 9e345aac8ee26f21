import type { PairSums, Saturation } from '../../records/comparison.ts';
import { countOf, formatCount } from '../../shared/units.ts';

/** Whether a model's integer products may saturate on this host, and on others (int8.md 5). */
export function judgeSaturation(host: Saturation['host'], weights: PairSums | undefined): Saturation {
  if (weights === undefined) {
    return { host, risk: 'none', reason: 'no integer layers', weights: null };
  }
  return { host, ...riskOf(host, weights), weights };
}

function riskOf(host: Saturation['host'], weights: PairSums): Pick<Saturation, 'risk' | 'reason'> {
  const { layers, layers_over: over, layers_unread: unread, worst_sum: worst } = weights;
  const range = `${formatCount(over)} of ${countOf(layers, 'integer layer')} ${over === 1 ? 'has' : 'have'} neighbouring weights of up to ${worst} together, where 128 are safe`;
  const elsewhere = `on a CPU that sums in 16 bits (x86 without VNNI) they can saturate`;
  if (host === 'exact') {
    return { risk: 'none', reason: over === 0 ? safe(weights) : `this CPU sums exactly; ${range}: ${elsewhere}` };
  }
  if (over > 0) {
    return host === 'saturates'
      ? {
          risk: 'possible',
          reason: `this CPU sums products in 16 bits, and ${range}: quantize with pair-safe or reduced weights`,
        }
      : { risk: 'unknown', reason: `this CPU could not be probed; ${range}: ${elsewhere}` };
  }
  return unread > 0
    ? { risk: 'unknown', reason: `the weights of ${countOf(unread, 'integer layer')} could not be read` }
    : { risk: 'none', reason: safe(weights) };
}

function safe({ layers, layers_unread: unread }: PairSums): string {
  const read = `the weights of ${countOf(layers, 'integer layer')} cannot saturate on any CPU`;
  return unread === 0 ? read : `${read}; those of ${formatCount(unread)} more could not be read`;
}

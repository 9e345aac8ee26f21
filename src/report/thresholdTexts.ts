import type { ReviewBand, Sweep } from '../records/sweep.ts';
import { formatThreshold } from '../shared/units.ts';

const UNREACHED = 'no score reaches it';

/** A threshold that must not miss targets: rounded down, it misses none more. */
export function lowText(threshold: number | null): string {
  return threshold === null ? UNREACHED : formatThreshold(threshold, 'down');
}

/** A threshold that must not reject others: rounded up, it rejects none more. */
export function highText(threshold: number | null): string {
  return threshold === null ? UNREACHED : formatThreshold(threshold, 'up');
}

/** Whether one threshold keeps both limits, so that nothing needs review. */
export function isSingle(band: ReviewBand): boolean {
  return band.maybe_from === band.target_from;
}

/** The band's upper threshold; where it is the certified one itself, recall decides how it is rounded. */
export function bandTargetText({ certificate }: Sweep, band: ReviewBand): string {
  const certified = certificate.state === 'certified' ? certificate.point.threshold : null;
  return band.target_from === certified ? lowText(certified) : highText(band.target_from);
}

import { hashOf } from '../../store/hash.ts';

/** A record's folder name: what it is, of whom, with which key, and when. */
export function recordId(kind: string, candidateId: string, key: string, startedAt: string): string {
  return `${kind}-${candidateId}-${key.slice(0, 12)}-${startedAt.replaceAll(/[-:.]/g, '')}`;
}

/** Whether a folder has such a name. */
export function isRecordId(name: string): boolean {
  return /^(latency|evaluation|sweep)-.+-[0-9a-f]{12}-\d{8}T\d{9}Z$/s.test(name);
}

/**
 * What records call a trial of a search: its backbone's and its own name where they are plain, else
 * what is plain of them and a hash.
 */
export function trialRecordName(backbone: string, trial: string): string {
  const plain = /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/;
  if (plain.test(backbone) && plain.test(trial)) {
    return `${backbone}.${trial}`;
  }
  const kept = [backbone, trial].map((part) => part.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 40));
  return `t.${kept.join('.')}.${hashOf([backbone, trial]).slice(0, 8)}`;
}

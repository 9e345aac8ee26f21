import { BeltbenchError } from '../../shared/errors.ts';

/**
 * What kind of trouble a tracking server makes: `unreachable` (no connection) and `failing` (5xx, 429)
 * may pass by themselves, `slow` gave no answer in time, `denied` needs other credentials (401, 403),
 * `missing` is what was deleted, `refused` is one request it does not take, `strange` is an answer that
 * is no MLflow server's.
 */
export type TrackingTrouble = 'unreachable' | 'failing' | 'slow' | 'denied' | 'missing' | 'refused' | 'strange';

/** A tracking server did not do what was asked. Nothing is lost: every record is in the file store. */
export class TrackingError extends BeltbenchError {
  readonly trouble: TrackingTrouble;
  /** MLflow's own word, such as RESOURCE_ALREADY_EXISTS. */
  readonly errorCode: string | undefined;

  constructor(trouble: TrackingTrouble, message: string, options?: ErrorOptions & { errorCode?: string | undefined }) {
    super('tracking_server', message, options);
    this.trouble = trouble;
    this.errorCode = options?.errorCode;
  }
}

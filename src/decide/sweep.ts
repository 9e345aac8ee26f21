import type { EvaluationRecord, Predictions } from '../records/predictions.ts';
import type { Sweep } from '../records/sweep.ts';
import { rocAuc } from '../stats/rocAuc.ts';
import { sweepThresholds } from '../stats/sweep.ts';
import { certify, certifyOneSided } from './certify.ts';
import type { RecallDemand } from './demands.ts';
import { argmaxPoint, productionPoint, reviewBand } from './points.ts';
import { scoreImages, type ClassRoles, type Scores } from './scores.ts';

/**
 * The exact sweep of one candidate's stored predictions, and the threshold it recommends. With
 * images of one side only there is no curve, and the certificate says what is missing. What is
 * certified rests on distinct targets: copies of one image are no independent trials (methods.md B1).
 *
 * @param candidateId whose sweep it is; the record may have been made under another id
 * @throws BeltbenchError `bad_record` when the predictions are incomplete or lack the target class
 */
export function sweepPredictions(
  record: EvaluationRecord,
  predictions: Predictions,
  roles: ClassRoles,
  demand: RecallDemand,
  candidateId: string = record.candidate_id,
): Sweep {
  const scores = scoreImages(predictions, roles, candidateId);
  return {
    candidate_id: candidateId,
    predictions_key: record.predictions_key,
    evaluation_record_id: record.record_id,
    targets: scores.targets,
    others: scores.others,
    repeated_targets: scores.isRepeat.reduce((sum, flag) => sum + flag, 0),
    argmax: argmaxPoint(scores, demand.confidence),
    production: productionPoint(scores, demand),
    ...thresholdsOf(scores, demand),
  };
}

function thresholdsOf(
  scores: Scores,
  demand: RecallDemand,
): Pick<Sweep, 'distinct_scores' | 'auc' | 'certificate' | 'review_band'> {
  const { values, isTarget, isRepeat, targets, others } = scores;
  const isDistinct = (_: number, index: number): boolean => isRepeat[index] === 0;
  const distinct = values.filter(isDistinct);
  if (targets === 0 || others === 0) {
    return {
      distinct_scores: new Set(values).size,
      auc: null,
      certificate: certifyOneSided(targets === 0 ? new Float64Array() : distinct, demand),
      review_band: null,
    };
  }
  const curve = sweepThresholds(values, isTarget);
  const certifying = distinct.length === values.length ? curve : sweepThresholds(distinct, isTarget.filter(isDistinct));
  const certificate = certify(certifying, demand);
  return {
    // The curve's last threshold is infinity, which is no score.
    distinct_scores: curve.thresholds.length - 1,
    auc: rocAuc(curve),
    certificate,
    review_band: certificate.state === 'certified' ? reviewBand(certifying, certificate.allowed_misses, demand) : null,
  };
}

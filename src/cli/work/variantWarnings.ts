import { openQuestionWarnings } from '../../decide/candidateWarnings.ts';
import type { Warning } from '../../records/common.ts';
import type { EvaluationRecord } from '../../records/predictions.ts';
import { quantizationManifestSchema, type QuantizationManifest } from '../../records/quantization.ts';
import { countOf } from '../../shared/units.ts';
import { hashOf } from '../../store/hash.ts';
import { readJsonFile } from '../../store/jsonFile.ts';
import { evaluationHash } from '../../store/keys.ts';
import type { ComparedGroup } from './compareGroups.ts';
import { preprocessingOf, type PreparedCandidate } from './prepare.ts';
import type { Subjects } from './session.ts';

const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** What of a candidate's card, manifest and records elsewhere casts doubt on holding it against its reference. */
export async function variantWarnings(
  prepared: PreparedCandidate,
  group: ComparedGroup,
  subjects: Subjects,
  evaluations: readonly EvaluationRecord[],
): Promise<Warning[]> {
  const own = [
    ...prepared.warnings,
    ...openQuestionWarnings(prepared.candidate.card.openQuestions),
    ...warnOfElsewhere(prepared, subjects, evaluations),
  ];
  return prepared === group.reference
    ? own
    : [
        ...own,
        ...warnOfPreprocessing(prepared, group.reference),
        ...warnOfManifest(await readManifest(prepared), prepared, group.reference, subjects),
      ];
}

/** Normalisation may be folded into a variant; otherwise another preprocessing silently costs accuracy. */
function warnOfPreprocessing(prepared: PreparedCandidate, reference: PreparedCandidate): Warning[] {
  return hashOf(preprocessingOf(prepared.candidate)) === hashOf(preprocessingOf(reference.candidate))
    ? []
    : [
        {
          code: 'other_preprocessing',
          message: `its card states another preprocessing than that of ${reference.candidate.id}: right only if the difference was folded into the file`,
        },
      ];
}

/** The manifest that `quantize` writes beside a file; `undefined` for a file made elsewhere. */
async function readManifest({ candidate }: PreparedCandidate): Promise<QuantizationManifest | undefined> {
  const path = `${candidate.card.modelPath.replace(/\.onnx$/i, '')}.manifest.json`;
  const content = await readJsonFile(path, MAX_MANIFEST_BYTES).catch(() => undefined);
  const manifest = quantizationManifestSchema.safeParse(content);
  return manifest.success ? manifest.data : undefined;
}

function warnOfManifest(
  manifest: QuantizationManifest | undefined,
  { model }: PreparedCandidate,
  reference: PreparedCandidate,
  { dataset }: Subjects,
): Warning[] {
  if (manifest === undefined) {
    return [];
  }
  if (manifest.model.sha256 !== model.sha256) {
    return [
      {
        code: 'manifest_of_another_file',
        message: 'the manifest beside it is of another file: nothing is known of how this one was made',
      },
    ];
  }
  const warnings: Warning[] = [];
  if (manifest.source.sha256 !== reference.model.sha256) {
    warnings.push({
      code: 'other_source',
      message: `it was made from another file than ${reference.candidate.id} (${manifest.source.file}): the differences are not those of INT8 alone`,
    });
  }
  const evaluated = new Set(dataset.splitImages.map(({ contentHash }) => contentHash));
  const seen = manifest.calibration.images.filter(({ content_hash: hash }) => evaluated.has(hash));
  if (seen.length > 0) {
    warnings.push({
      code: 'calibrated_on_evaluation',
      message: `${countOf(seen.length, 'image')} of ${dataset.audit.split} served to calibrate it: its accuracy may flatter; quantize with images of another split`,
    });
  }
  return warnings;
}

/** Integer kernels differ by instruction set, so predictions from another kind of CPU are another answer. */
function warnOfElsewhere(
  { candidate, model, inputSize }: PreparedCandidate,
  { dataset, hostClass }: Subjects,
  evaluations: readonly EvaluationRecord[],
): Warning[] {
  const evaluation = evaluationHash({ preprocessing: preprocessingOf(candidate), inputSize });
  const elsewhere = evaluations.filter(
    (record) =>
      record.status === 'finished' &&
      record.model.sha256 === model.sha256 &&
      record.data_fingerprint === dataset.audit.fingerprint &&
      evaluationHash({ preprocessing: record.preprocessing, inputSize: record.input_size }) === evaluation &&
      hashOf(record.isa) !== hashOf(hostClass.isa),
  );
  const newest = elsewhere.at(-1);
  return newest === undefined || model.int8_weight_share === 0
    ? []
    : [
        {
          code: 'evaluated_elsewhere',
          message: `its predictions from a host with other instruction sets (${newest.isa.join(' ') || 'none listed'}) are left out: INT8 answers may differ there; compare on that host`,
        },
      ];
}

import { basename } from 'node:path';
import type { ModelAudit } from '../records/model.ts';
import { countMultiplyAdds } from './audit/multiplyAdds.ts';
import { fixedBatchOf, inputsOf, outputsOf } from './audit/ports.ts';
import { LONGEST_METADATA, LONGEST_NAME } from './audit/text.ts';
import { auditWarnings } from './audit/warnings.ts';
import { auditWeights } from './audit/weights.ts';
import { printable } from './badModel.ts';
import type { GraphProto, ModelProto } from './generated/onnx_pb.ts';
import { opKey } from './node.ts';
import { type LoadedModel, readModel } from './read.ts';
import { nodesIn } from './walk.ts';

/**
 * Says what can be known of an ONNX file without running it.
 *
 * @throws BeltbenchError `bad_model` for a file that is no sound ONNX model (`readModel`).
 */
export async function auditModel(path: string): Promise<ModelAudit> {
  return auditLoadedModel(await readModel(path));
}

/** The audit of a model that has been read already. */
function auditLoadedModel(loaded: LoadedModel): ModelAudit {
  const { model, graph } = loaded;
  const inputs = inputsOf(graph);
  const fixedBatch = fixedBatchOf(inputs);
  const multiplyAdds = countMultiplyAdds(model, graph, fixedBatch);
  const audit: Omit<ModelAudit, 'warnings'> = {
    schema: 'beltbench/model-audit',
    version: 1,
    file: basename(loaded.path),
    file_size_bytes: loaded.sizeBytes,
    sha256: loaded.sha256,
    external_files: loaded.externalFiles.map(({ location, sizeBytes, sha256 }) => ({
      location: printable(location, LONGEST_NAME),
      size_bytes: sizeBytes,
      sha256,
    })),
    ir_version: Number(model.irVersion),
    opsets: opsetsOf(model),
    producer_name: printable(model.producerName, LONGEST_NAME),
    producer_version: printable(model.producerVersion, LONGEST_NAME),
    metadata: Object.fromEntries(
      model.metadataProps.map(({ key, value }) => [printable(key, LONGEST_NAME), printable(value, LONGEST_METADATA)]),
    ),
    inputs: [...inputs],
    outputs: [...outputsOf(graph)],
    fixed_batch: fixedBatch ?? null,
    operators: operatorsIn(graph),
    ...auditWeights(graph),
    multiply_adds: multiplyAdds.record,
  };
  return { ...audit, warnings: auditWarnings(audit, model, multiplyAdds) };
}

function opsetsOf({ opsetImport }: ModelProto): Record<string, number> {
  return Object.fromEntries(
    opsetImport.map(({ domain, version }) => [
      domain === '' ? 'ai.onnx' : printable(domain, LONGEST_NAME),
      Number(version),
    ]),
  );
}

function operatorsIn(graph: GraphProto): Record<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodesIn(graph)) {
    const op = printable(opKey(node), LONGEST_NAME);
    counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

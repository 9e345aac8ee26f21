import { create } from '@bufbuild/protobuf';
import { type ModelProto, OperatorSetIdProtoSchema } from '../generated/onnx_pb.ts';

/** The version of the file format that knows every operator set up to 22. */
const IR_VERSION = 10n;

/** ONNX's own operator set goes by two names. */
function isOwn(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function entryOf(model: ModelProto, domain: string): ModelProto['opsetImport'][number] | undefined {
  return model.opsetImport.find((entry) => entry.domain === domain || (isOwn(domain) && isOwn(entry.domain)));
}

/** Version of ONNX's own operator set; 1 when the model imports none. */
export function opsetOf(model: ModelProto): number {
  return Number(entryOf(model, '')?.version ?? 1n);
}

/** Changes the model's version of ONNX's own operator set, in place. */
export function setOpset(model: ModelProto, version: number): void {
  importDomain(model, '');
  const entry = entryOf(model, '');
  if (entry !== undefined) {
    entry.version = BigInt(version);
  }
  model.irVersion = model.irVersion > IR_VERSION ? model.irVersion : IR_VERSION;
}

/** Lets nodes be of the operator set `domain`; of another one than ONNX's own, version 1. */
export function importDomain(model: ModelProto, domain: string): void {
  if (entryOf(model, domain) === undefined) {
    model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
  }
}

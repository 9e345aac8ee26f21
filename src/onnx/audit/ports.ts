import type { ModelPort } from '../../records/model.ts';
import { printable } from '../badModel.ts';
import { elementTypeOf } from '../elementTypes.ts';
import type { GraphProto, TypeProto, ValueInfoProto } from '../generated/onnx_pb.ts';
import { dimsOf } from '../shapes/infer.ts';
import { LONGEST_NAME } from './text.ts';

/** What a caller must feed: the graph's inputs without the initialisers older files list among them. */
export function inputsOf(graph: GraphProto): readonly ModelPort[] {
  const stored = new Set([
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ''),
  ]);
  return graph.input.filter(({ name }) => !stored.has(name)).map(portOf);
}

export function outputsOf(graph: GraphProto): readonly ModelPort[] {
  return graph.output.map(portOf);
}

/** The batch size the first input is fixed to; `undefined` when it is open or unknown. */
export function fixedBatchOf(inputs: readonly ModelPort[]): number | undefined {
  const batch = inputs[0]?.shape?.[0];
  return typeof batch === 'number' ? batch : undefined;
}

function portOf(info: ValueInfoProto): ModelPort {
  const dims = dimsOf(info);
  return {
    name: printable(info.name, LONGEST_NAME),
    type: typeName(info.type),
    shape: dims?.map((dim) => (typeof dim === 'string' ? printable(dim, LONGEST_NAME) : (dim ?? '?'))) ?? null,
  };
}

function typeName(type: TypeProto | undefined): string {
  const value = type?.value;
  if (value?.case === 'tensorType') {
    return elementTypeOf(value.value.elemType)?.name ?? 'unknown';
  }
  return value?.case?.replace(/Type$/, '') ?? 'unknown';
}

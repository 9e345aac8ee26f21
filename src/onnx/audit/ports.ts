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

/** Whether images can be fed to it, as float32 [batch, 3, height, width], as far as the file says. */
export function takesImages({ type, shape }: ModelPort): boolean {
  const channels = shape?.[1];
  return (
    type === 'float32' && (shape === null || (shape.length === 4 && (channels === 3 || typeof channels === 'string')))
  );
}

/** How many values an output holds per image, whatever its axes; `undefined` where the file leaves it open. */
export function valuesPerImage({ shape }: ModelPort): number | undefined {
  const sizes = shape === null || shape.length < 2 ? shape : shape.slice(1);
  return sizes?.reduce<number | undefined>(
    (product, size) => (product === undefined || typeof size === 'string' ? undefined : product * size),
    1,
  );
}

/** "float32 [1, 3, 128, 128]". */
export function portText({ type, shape }: ModelPort): string {
  return `${type} [${(shape ?? ['?']).join(', ')}]`;
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

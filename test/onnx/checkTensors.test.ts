import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ModelProto,
  SparseTensorProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { checkTensors } from '../../src/onnx/checkTensors.ts';
import { parseModel } from '../../src/onnx/parse.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { encode, floats, int64s, linearModel, model, node, tensor, value } from './build.ts';

function check(message: ModelProto): void {
  const parsed = parseModel('m.onnx', encode(message));
  checkTensors('m.onnx', parsed.model, parsed.graph);
}

function checkWeight(dims: readonly number[], fields: MessageInitShape<typeof TensorProtoSchema>): void {
  check(linearModel(tensor('w', dims, fields)));
}

describe('checkTensors', (it) => {
  it('accepts what exporters write', () => {
    check(linearModel());
    checkWeight([2, 3], { dataType: DataType.FLOAT, floatData: [1, 2, 3, 4, 5, 6] });
    checkWeight([], { dataType: DataType.INT64, int64Data: [5n] });
    checkWeight([0, 5], { dataType: DataType.FLOAT });
    checkWeight([3], { dataType: DataType.INT4, rawData: new Uint8Array(2) });
    checkWeight([2], { dataType: DataType.STRING, stringData: [new Uint8Array(1), new Uint8Array(9)] });
    checkWeight([2], { dataType: DataType.COMPLEX64, floatData: [1, 2, 3, 4] });
  });

  it('refuses a shape far larger than the data it comes with', async () => {
    const dataType = DataType.FLOAT;
    await rejects(
      () => checkWeight([50_000, 10_000], { dataType }),
      /tensor "w" holds 0 values where its shape \[50000, 10000\] of float32 needs 500000000/,
    );
    await rejects(
      () => checkWeight([2 ** 40, 2 ** 40], { dataType }),
      /impossible shape \[1099511627776, 1099511627776\]/,
    );
    await rejects(() => checkWeight([2 ** 40, 0], { dataType }), /impossible shape/);
  });

  it('refuses negative sizes', () =>
    rejects(
      () => checkWeight([-4, -2], { dataType: DataType.FLOAT, rawData: new Uint8Array(32) }),
      /impossible shape \[-4, -2\]/,
    ));

  it('refuses raw data of the wrong length, long or short', async () => {
    for (const length of [31, 33, 64]) {
      await rejects(
        () => checkWeight([4, 2], { dataType: DataType.FLOAT, rawData: new Uint8Array(length) }),
        new RegExp(`tensor "w" holds ${length} bytes where its shape \\[4, 2\\] of float32 needs 32`),
      );
    }
  });

  it('refuses numbers in a field that belongs to another type', () =>
    rejects(
      () => checkWeight([2], { dataType: DataType.INT64, floatData: [1, 2] }),
      /holds 0 values where .* needs 2/,
    ));

  it('refuses an element type that ONNX does not know', () =>
    rejects(() => checkWeight([1], { dataType: 99, rawData: new Uint8Array(4) }), /unknown element type 99/));

  it('looks into constants of nodes as well', () =>
    rejects(
      () =>
        check(
          model({
            output: [value('y', [9])],
            node: [node('Constant', [], ['y'], { value: tensor('c', [9], { dataType: DataType.FLOAT }) })],
          }),
        ),
      /tensor "c" holds 0 values/,
    ));

  it('refuses a sparse tensor whose dense form is absurd', () =>
    rejects(
      () =>
        check(
          model({
            output: [value('y', [1])],
            node: [node('Identity', ['s'], ['y'])],
            sparseInitializer: [
              create(SparseTensorProtoSchema, {
                values: floats('s', [1]),
                indices: int64s('', [0]),
                dims: [100_000n, 100_000n],
              }),
            ],
          }),
        ),
      /tensor "s" has the impossible shape \[100000, 100000\]/,
    ));

  it('prints no control characters of a hostile name', () =>
    rejects(
      () => check(linearModel(tensor('\u001b[2Jevil\n', [1], { dataType: DataType.FLOAT }))),
      /^m\.onnx: tensor "\uFFFD\[2Jevil\uFFFD" holds 0 values/,
    ));
});

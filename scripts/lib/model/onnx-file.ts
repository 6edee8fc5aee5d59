import protobuf from 'protobufjs';

/** The messages of onnx.proto3 that a model file of ours needs (field numbers from the ONNX IR specification). */
const SCHEMA = `
syntax = "proto3";
message Attribute { string name = 1; float f = 2; int64 i = 3; bytes s = 4; Tensor t = 5; repeated float floats = 7; repeated int64 ints = 8; repeated bytes strings = 9; int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated Attribute attribute = 5; string domain = 7; }
message Tensor { repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; repeated int32 int32_data = 5; repeated int64 int64_data = 7; string name = 8; bytes raw_data = 9; }
message Dimension { int64 dim_value = 1; string dim_param = 2; }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message TypeOf { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; TypeOf type = 2; }
message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
message Opset { string domain = 1; int64 version = 2; }
message Property { string key = 1; string value = 2; }
message Model { int64 ir_version = 1; string producer_name = 2; string producer_version = 3; Graph graph = 7; repeated Opset opset_import = 8; repeated Property metadata_props = 14; }
`;

const OPSET = 17;
const IR_VERSION = 8;

/** Element types of ONNX tensors. */
export const ElementType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** An attribute's value; whole numbers become INT unless wrapped as `{ float }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

interface Info {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
}

/** The protocol buffer type of a whole file. */
export function modelType(): protobuf.Type {
  return protobuf.parse(SCHEMA).root.lookupType('Model');
}

/** Collects nodes and weights of a graph and writes them as an ONNX file. */
export class OnnxGraph {
  private readonly nodes: object[] = [];
  private readonly initializers = new Map<string, object>();

  /** Add a node with one or more outputs; returns the first output's name. */
  add(
    op: string,
    inputs: readonly string[],
    output: string | readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): string {
    const outputs = typeof output === 'string' ? [output] : output;
    const [first] = outputs;
    if (first === undefined) throw new RangeError(`${op} needs an output`);
    this.nodes.push({
      opType: op,
      name: `${op}_${this.nodes.length}`,
      input: inputs,
      output: outputs,
      attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
    });
    return first;
  }

  /** Add a constant; the same name twice keeps the first. Returns the name. */
  constant(name: string, values: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const dataType = values instanceof Float32Array ? ElementType.float : ElementType.int64;
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (!this.initializers.has(name)) this.initializers.set(name, { name, dims: shape, dataType, rawData });
    return name;
  }

  /** The bytes of the file. */
  encode(options: {
    inputs: readonly Info[];
    outputs: readonly Info[];
    metadata: Record<string, string>;
  }): Uint8Array {
    const model = modelType();
    return model
      .encode(
        model.fromObject({
          irVersion: IR_VERSION,
          producerName: 'headcount',
          producerVersion: '1',
          opsetImport: [{ domain: '', version: OPSET }],
          graph: {
            name: 'person-detector',
            node: this.nodes,
            initializer: [...this.initializers.values()],
            input: options.inputs.map(encodeInfo),
            output: options.outputs.map(encodeInfo),
          },
          metadataProps: Object.entries(options.metadata).map(([key, value]) => ({ key, value })),
        }),
      )
      .finish();
  }
}

function encodeInfo({ name, shape, type }: Info): object {
  return {
    name,
    type: { tensorType: { elemType: type, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}

function encodeAttribute(name: string, value: AttributeValue): object {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE.int };
  if (typeof value === 'string')
    return { name, s: Buffer.from(value).toString('base64'), type: ATTRIBUTE.string };
  if (isList(value)) return { name, ints: value, type: ATTRIBUTE.ints };
  return { name, f: value.float, type: ATTRIBUTE.float };
}

function isList(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}

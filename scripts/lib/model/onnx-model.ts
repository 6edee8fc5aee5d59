import { ElementType, modelType } from './onnx-file.js';

/** A number that protocol buffers keep in 64 bits: beyond 2^53 it comes as an object. */
type Whole = number | { toString(): string };

/** One operation of a graph. */
export interface OnnxNode {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: { name: string; i?: Whole; type: number }[];
}

/** A constant of a graph. */
export interface OnnxTensor {
  name: string;
  dims: Whole[];
  dataType: number;
  floatData?: number[];
  rawData: Uint8Array;
}

interface ValueInfo {
  name: string;
  type: { tensorType: { elemType: number; shape?: { dim: { dimValue: Whole }[] } } };
}

interface OnnxProto {
  graph: { node: OnnxNode[]; initializer: OnnxTensor[]; input: ValueInfo[]; output: ValueInfo[] };
  metadataProps: { key: string; value: string }[];
  opsetImport: { domain: string; version: Whole }[];
}

/** An ONNX file that can be changed and written again. */
export class OnnxModel {
  readonly nodes: OnnxNode[];
  readonly initializers: Map<string, OnnxTensor>;
  readonly metadata: Map<string, string>;
  private readonly proto: OnnxProto;

  /** @throws Error when the bytes are no ONNX file */
  constructor(bytes: Uint8Array) {
    this.proto = modelType().decode(bytes) as unknown as OnnxProto;
    const { graph, metadataProps } = this.proto;
    if (!Array.isArray(graph.node) || graph.node.length === 0)
      throw new Error('it is no ONNX file with a graph');
    this.nodes = graph.node;
    this.initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    this.metadata = new Map(metadataProps.map(({ key, value }) => [key, value]));
  }

  /** Names of the graph's own inputs, without constants. */
  get inputs(): string[] {
    return this.proto.graph.input.map(({ name }) => name).filter((name) => !this.initializers.has(name));
  }

  get outputs(): string[] {
    return this.proto.graph.output.map(({ name }) => name);
  }

  /** Version of ONNX's own operations that the graph is written in. */
  get opset(): number {
    return Number(this.standardOpset.version);
  }

  set opset(version: number) {
    this.standardOpset.version = version;
  }

  private get standardOpset(): { version: Whole } {
    const opset = this.proto.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
    if (opset === undefined) throw new Error('it does not say which version of the operations it uses');
    return opset;
  }

  /** Values of a float constant; undefined for anything else. */
  floats(name: string): { dims: number[]; values: Float32Array } | undefined {
    const tensor = this.initializers.get(name);
    if (tensor?.dataType !== ElementType.float) return undefined;
    const raw = tensor.rawData;
    const values =
      raw.length > 0
        ? new Float32Array(new Uint8Array(raw).buffer)
        : Float32Array.from(tensor.floatData ?? []);
    return { dims: tensor.dims.map(Number), values };
  }

  /** Add or replace a constant. */
  constant(
    name: string,
    values: Float32Array | Int8Array | Uint8Array | Int32Array,
    dims: readonly number[],
  ): string {
    const dataType = elementTypeOf(values);
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.initializers.set(name, { name, dims: [...dims], dataType, rawData });
    return name;
  }

  /** The file; with `extraOutputs`, tensors inside the graph (floats) are given out as well. */
  encode(extraOutputs: readonly string[] = []): Uint8Array {
    const { graph } = this.proto;
    const used = new Set(this.nodes.flatMap(({ input }) => input));
    const outputs = [
      ...graph.output,
      ...extraOutputs.map((name) => ({ name, type: { tensorType: { elemType: ElementType.float } } })),
    ];
    const type = modelType();
    const proto = {
      ...this.proto,
      graph: {
        ...graph,
        node: this.nodes,
        initializer: [...this.initializers.values()].filter(({ name }) => used.has(name)),
        output: outputs,
      },
      metadataProps: [...this.metadata].map(([key, value]) => ({ key, value })),
    };
    return type.encode(type.fromObject(proto)).finish();
  }
}

function elementTypeOf(values: Float32Array | Int8Array | Uint8Array | Int32Array): number {
  if (values instanceof Float32Array) return ElementType.float;
  if (values instanceof Int8Array) return ElementType.int8;
  return values instanceof Int32Array ? ElementType.int32 : ElementType.uint8;
}

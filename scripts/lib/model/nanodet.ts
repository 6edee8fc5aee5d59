import { createHash } from 'node:crypto';
import { ElementType, OnnxGraph } from './onnx-file.js';
import type { TfjsGraph, TfjsNode } from './tfjs-graph.js';

const SIZE = 416;
/** Class scores in the head; class 0 is "person". */
const CLASSES = 80;
/** Bins of the distance distribution per box side (0..10, Generalized Focal Loss, Li et al. 2020). */
const BINS = 11;
/** Heads with their strides: the convolution outputs that hold 80 scores and 44 logits per cell. */
const HEADS = [
  { node: 'PartitionedCall/Add_29', stride: 8 },
  { node: 'PartitionedCall/Add_33', stride: 16 },
  { node: 'PartitionedCall/Add_37', stride: 32 },
];

/** A value of the graph: the ONNX name of an NCHW tensor, with padding that its consumer has to absorb. */
interface Value {
  readonly name: string;
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
}

const NO_PADS = [0, 0, 0, 0] as const;

/**
 * Translate NanoDet-g to ONNX. The source mixes NHWC and NCHW with transposes between; here every tensor stays NCHW,
 * transposes vanish, paddings move into the convolutions and the biases too.
 */
export function nanodetToOnnx(source: TfjsGraph, metadata: Record<string, string>): Uint8Array {
  const translation = new Translation(source);
  const boxes: string[] = [];
  const scores: string[] = [];
  for (const head of HEADS) {
    const decoded = decodeHead(translation.graph, translation.head(head.node), head.stride);
    boxes.push(decoded.boxes);
    scores.push(decoded.scores);
  }
  const { graph } = translation;
  graph.add('Concat', boxes, 'boxes', { axis: 1 });
  graph.add('Concat', scores, 'scores', { axis: 0 });
  const cells = HEADS.reduce((sum, { stride }) => sum + (SIZE / stride) ** 2, 0);
  return graph.encode({
    inputs: [{ name: 'image', shape: [1, 3, SIZE, SIZE], type: ElementType.float }],
    outputs: [
      { name: 'boxes', shape: [4, cells], type: ElementType.float },
      { name: 'scores', shape: [cells], type: ElementType.float },
    ],
    metadata: {
      ...metadata,
      family: 'nanodet',
      sourceSha256: createHash('sha256').update(source.bytes).digest('hex'),
    },
  });
}

class Translation {
  readonly graph = new OnnxGraph();
  private readonly source: TfjsGraph;
  private readonly done = new Map<string, Value>();

  constructor(source: TfjsGraph) {
    this.source = source;
    this.done.set('input_1', { name: 'image', pads: NO_PADS });
  }

  /** The head convolution with the person score and the box logits only: [1, 45, h, w]. */
  head(name: string): string {
    const node = this.node(name);
    const keep = [0, ...Array.from({ length: 4 * BINS }, (_, index) => CLASSES + index)];
    return this.convolution(node, keep).name;
  }

  private value(name: string): Value {
    const known = this.done.get(name);
    if (known !== undefined) return known;
    const value = this.translate(this.node(name));
    this.done.set(name, value);
    return value;
  }

  private translate(node: TfjsNode): Value {
    const inputs = node.input.filter((input) => !this.source.weights.has(input));
    const [first = ''] = inputs;
    switch (node.op) {
      case 'Transpose':
        return this.value(first);
      case 'Pad':
      case 'PadV2':
        return { name: this.value(first).name, pads: this.pads(node) };
      case 'Add':
        return this.node(first).op === 'Conv2D' ? this.convolution(node) : this.plain('Add', inputs, node);
      case 'ConcatV2':
        return this.plain('Concat', inputs, node, { axis: 1 });
      case 'LeakyRelu':
        return this.plain('LeakyRelu', inputs, node, { alpha: { float: numberAttribute(node, 'alpha') } });
      case 'MaxPool': {
        const input = this.value(first);
        const [, height = 1, width = 1] = listAttribute(node, 'ksize');
        const strides = listAttribute(node, 'strides').slice(1, 3);
        const attributes = { kernel_shape: [height, width], strides, pads: [...input.pads] };
        return { name: this.graph.add('MaxPool', [input.name], node.name, attributes), pads: NO_PADS };
      }
      case 'ResizeBilinear':
        return this.resize(node, first);
      default:
        throw new RangeError(
          `${node.name}: operation ${node.op} is not known; is this the NanoDet of human 1.7.1?`,
        );
    }
  }

  private plain(op: string, inputs: readonly string[], node: TfjsNode, attributes = {}): Value {
    const names = inputs.map((input) => this.value(input).name);
    return { name: this.graph.add(op, names, node.name, attributes), pads: NO_PADS };
  }

  /** A convolution with the bias that the following Add brings; `keep` selects output channels. */
  private convolution(add: TfjsNode, keep?: readonly number[]): Value {
    const [convName = '', biasName = ''] = add.input;
    const node = this.node(convName);
    const [inputName = '', filterName = ''] = node.input;
    const input = this.value(inputName);
    const filter = this.weight(filterName);
    const bias = this.weight(biasName).values;
    const [height = 0, width = 0, , outputs = 0] = filter.shape;
    const channels = keep ?? Array.from({ length: outputs }, (_, index) => index);
    const kernel = toOIHW(filter, channels);
    const inChannels = filter.shape[2] ?? 0;
    const weights = this.graph.constant(`${add.name}/w`, kernel, [
      channels.length,
      inChannels,
      height,
      width,
    ]);
    const biases = this.graph.constant(
      `${add.name}/b`,
      Float32Array.from(channels, (channel) => bias[channel] ?? Number.NaN),
      [channels.length],
    );
    const strides = listAttribute(node, 'strides').slice(1, 3);
    const attributes = { kernel_shape: [height, width], strides, pads: [...input.pads] };
    return {
      name: this.graph.add('Conv', [input.name, weights, biases], add.name, attributes),
      pads: NO_PADS,
    };
  }

  private resize(node: TfjsNode, first: string): Value {
    // The constant holds the target height and width; ONNX wants all four sizes, and every level of the feature
    // pyramid has the same number of channels.
    const [height = 0, width = 0] = this.weight(node.input[1] ?? '').values;
    const pyramidChannels = 128;
    const sizes = this.graph.constant(
      `${node.name}/sizes`,
      BigInt64Array.from([1n, BigInt(pyramidChannels), BigInt(height), BigInt(width)]),
      [4],
    );
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    return {
      name: this.graph.add('Resize', [this.value(first).name, '', '', sizes], node.name, attributes),
      pads: NO_PADS,
    };
  }

  /** Paddings of an NCHW tensor: TensorFlow lists [before, after] per dimension. */
  private pads(node: TfjsNode): Value['pads'] {
    const { values } = this.weight(node.input[1] ?? '');
    const [, , , , top = 0, bottom = 0, left = 0, right = 0] = values;
    return [top, left, bottom, right];
  }

  private node(name: string): TfjsNode {
    const node = this.source.nodes.get(name.split(':')[0] ?? '');
    if (node === undefined)
      throw new RangeError(`the graph has no node ${name}; is this the NanoDet of human 1.7.1?`);
    return node;
  }

  private weight(name: string): { shape: readonly number[]; values: Float32Array } {
    const weight = this.source.weights.get(name);
    if (weight === undefined)
      throw new RangeError(`the graph has no weight ${name}; is this the NanoDet of human 1.7.1?`);
    return weight;
  }
}

/** Scores and boxes of one head: `scores` [cells], `boxes` [4, cells] as x1, y1, x2, y2 in input pixels. */
function decodeHead(graph: OnnxGraph, head: string, stride: number): { boxes: string; scores: string } {
  const side = SIZE / stride;
  const cells = side * side;
  const at = (name: string) => `stride${stride}/${name}`;
  const shape = (name: string, dims: number[]) =>
    graph.constant(at(name), BigInt64Array.from(dims.map(BigInt)), [dims.length]);
  graph.add('Split', [head, shape('parts', [1, 4 * BINS])], [at('logit'), at('bins')], { axis: 1 });
  const flat = graph.add('Reshape', [at('logit'), shape('flat', [cells])], at('flat_logit'));
  const scores = graph.add('Sigmoid', [flat], at('scores'));
  const grouped = graph.add('Reshape', [at('bins'), shape('grouped', [4, BINS, cells])], at('grouped_bins'));
  const probability = graph.add('Softmax', [grouped], at('probability'), { axis: 1 });
  // Expectation times stride, with the side's sign: left and top go towards smaller coordinates.
  const projection = Float32Array.from({ length: 4 * BINS }, (_, index) => {
    const value = (index % BINS) * stride;
    return index < 2 * BINS ? -value : value;
  });
  const weighted = graph.add(
    'Mul',
    [probability, graph.constant(at('projection'), projection, [4, BINS, 1])],
    at('weighted'),
  );
  const axes = graph.constant('axis1', BigInt64Array.from([1n]), [1]);
  const offsets = graph.add('ReduceSum', [weighted, axes], at('offsets'), { keepdims: 0 });
  const centres = Float32Array.from({ length: 4 * cells }, (_, index) => {
    const cell = index % cells;
    const along = Math.floor(index / cells) % 2 === 0 ? cell % side : Math.floor(cell / side);
    return (along + 0.5) * stride;
  });
  const boxes = graph.add('Add', [offsets, graph.constant(at('centres'), centres, [4, cells])], at('boxes'));
  return { boxes, scores };
}

/** HWIO to OIHW, keeping only the given outputs. */
function toOIHW(
  filter: { shape: readonly number[]; values: Float32Array },
  keep: readonly number[],
): Float32Array {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = filter.shape;
  const result = new Float32Array(keep.length * inputs * height * width);
  let target = 0;
  for (const output of keep) {
    for (let channel = 0; channel < inputs; channel++) {
      for (let cell = 0; cell < height * width; cell++)
        result[target++] = filter.values[(cell * inputs + channel) * outputs + output] ?? Number.NaN;
    }
  }
  return result;
}

function numberAttribute(node: TfjsNode, name: string): number {
  return (node.attr[name] as { f: number }).f;
}

function listAttribute(node: TfjsNode, name: string): number[] {
  return (node.attr[name] as { list: { i: string[] } }).list.i.map(Number);
}

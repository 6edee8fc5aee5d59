/**
 * Static post-training quantisation to int8 (Jacob et al. 2018; Nagel et al., A White Paper on Neural Network
 * Quantization, 2021) in the QDQ form of onnxruntime: pairs of QuantizeLinear and DequantizeLinear around the
 * operations that its CPU provider has in int8. Weights: symmetric, one scale per output channel. Activations: uint8 with
 * a zero point, one scale per tensor, from the ranges that calibration saw.
 */
import type { OnnxModel, OnnxNode } from './onnx-model.js';

/** Operations that run in int8. */
const INT8_OPERATIONS = new Set([
  'Conv',
  'LeakyRelu',
  'MaxPool',
  'Concat',
  'Add',
  'Mul',
  'Sigmoid',
  'Resize',
  'Relu',
]);
/** Their outputs keep the scale of their inputs, so that nothing is scaled again. */
const SAME_SCALE = new Set(['MaxPool', 'Resize', 'Concat']);
/** Scales per channel came with this version of the operations. */
const NEEDED_OPSET = 13;
const OLDEST_OPSET = 11;
/** Operations that mean something else, or take their settings elsewhere, before that version. */
const CHANGED_BEFORE = new Set([
  'Squeeze',
  'Unsqueeze',
  'Softmax',
  'LogSoftmax',
  'Hardmax',
  'Split',
  'ReduceSum',
]);
const WEIGHT_LIMIT = 127;
const ACTIVATION_LEVELS = 255;
/** Smallest scale: a tensor that was always zero must not divide by zero. */
const LEAST_SCALE = 1e-8;

/** What a tensor's values lay between. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Names of the tensors whose ranges are needed; all are floats inside the graph. */
export function tensorsToCalibrate(model: OnnxModel): string[] {
  return [...plan(model).tensors];
}

/**
 * Rewrite a model in place.
 * @param ranges for every name of {@link tensorsToCalibrate}
 * @throws Error when a range is missing
 */
export function quantize(model: OnnxModel, ranges: ReadonlyMap<string, Range>): void {
  raiseOpset(model);
  const { nodes, tensors } = plan(model);
  const shared = shareScales(nodes, tensors, ranges);
  const scales = new Map<string, number>();
  for (const name of tensors) scales.set(name, addPair(model, name, shared.get(name) ?? missing(name)));
  const producers = model.nodes.filter((node) => !isPair(node));
  for (const node of producers) {
    node.input = node.input.map((name) => (tensors.has(name) ? `${name}/dq` : name));
    if (nodes.has(node) && node.opType === 'Conv') quantizeConv(model, node, scales);
  }
  model.nodes.splice(0, model.nodes.length, ...sorted(model));
}

function raiseOpset(model: OnnxModel): void {
  if (model.opset >= NEEDED_OPSET) return;
  const changed = model.nodes.find(({ opType }) => CHANGED_BEFORE.has(opType));
  if (model.opset < OLDEST_OPSET || changed !== undefined)
    throw new Error(`it is written in opset ${model.opset}; export it with opset ${NEEDED_OPSET} or newer`);
  model.opset = NEEDED_OPSET;
}

function missing(name: string): never {
  throw new Error(`tensor ${name} was not calibrated`);
}

/**
 * The nodes that run in int8 and the activations between them: the convolutions, and what lies between two of them. A
 * Sigmoid or Mul of the decoding behind the last one stays in floats.
 */
function plan(model: OnnxModel): { nodes: ReadonlySet<OnnxNode>; tensors: ReadonlySet<string> } {
  const convolutions = model.nodes.filter(
    ({ opType, input }) => opType === 'Conv' && isFloat(model, input[1]),
  );
  const nodes = new Set(convolutions);
  const tensors = new Set(convolutions.flatMap(({ input, output }) => [...input.slice(0, 1), ...output]));
  const between = model.nodes.filter(
    (node) => node.opType !== 'Conv' && INT8_OPERATIONS.has(node.opType) && takesNoWeights(model, node),
  );
  const joins = (node: OnnxNode) => {
    const activations = activationsOf(model, node);
    return (
      activations.length > 0 && activations.every((name) => tensors.has(name)) && reachesConv(model, node)
    );
  };
  for (let next = between.find(joins); next !== undefined; next = between.find(joins)) {
    nodes.add(next);
    for (const name of next.output) tensors.add(name);
    between.splice(between.indexOf(next), 1);
  }
  return { nodes, tensors };
}

function isFloat(model: OnnxModel, name: string | undefined): boolean {
  return name !== undefined && model.floats(name) !== undefined;
}

/** Constants of a Resize are sizes, not weights. */
function takesNoWeights(model: OnnxModel, { opType, input }: OnnxNode): boolean {
  return opType === 'Resize' || !input.some((name) => isFloat(model, name));
}

function activationsOf(model: OnnxModel, { input }: OnnxNode): string[] {
  return input.filter((name) => name !== '' && !model.initializers.has(name));
}

/** Whether a node's result goes on to a convolution. */
function reachesConv(model: OnnxModel, from: OnnxNode): boolean {
  const seen = new Set<OnnxNode>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const { output } = node;
    const next = model.nodes.filter(({ input }) => input.some((name) => output.includes(name)));
    if (next.some(({ opType }) => opType === 'Conv')) return true;
    open.push(...next.filter(({ opType }) => INT8_OPERATIONS.has(opType)));
  }
  return false;
}

/** One range for tensors that only pass values on. */
function shareScales(
  nodes: ReadonlySet<OnnxNode>,
  tensors: ReadonlySet<string>,
  ranges: ReadonlyMap<string, Range>,
): Map<string, Range> {
  const groups = new Map([...tensors].map((name) => [name, new Set([name])]));
  for (const node of nodes) {
    if (!SAME_SCALE.has(node.opType)) continue;
    const members = [...node.input, ...node.output].filter((name) => tensors.has(name));
    const joined = new Set(members.flatMap((name) => [...(groups.get(name) ?? [])]));
    for (const name of joined) groups.set(name, joined);
  }
  return new Map(
    [...groups].map(([name, group]) => {
      const all = [...group].map((member) => ranges.get(member) ?? missing(member));
      return [
        name,
        { min: Math.min(0, ...all.map(({ min }) => min)), max: Math.max(0, ...all.map(({ max }) => max)) },
      ];
    }),
  );
}

/**
 * Quantise and dequantise a tensor: q = round(x / s) + z, x' = s (q - z), s = (max - min) / 255 (ONNX QuantizeLinear).
 * @returns the scale
 */
function addPair(model: OnnxModel, name: string, { min, max }: Range): number {
  const scale = Math.fround(Math.max((max - min) / ACTIVATION_LEVELS, LEAST_SCALE));
  const zero = Math.max(0, Math.min(ACTIVATION_LEVELS, Math.round(-min / scale)));
  const parameters = [
    model.constant(`${name}/scale`, Float32Array.from([scale]), []),
    model.constant(`${name}/zero`, Uint8Array.from([zero]), []),
  ];
  const node = (opType: string, input: string, output: string): OnnxNode => ({
    name: output,
    opType,
    input: [input, ...parameters],
    output: [output],
    attribute: [],
  });
  model.nodes.push(
    node('QuantizeLinear', name, `${name}/q`),
    node('DequantizeLinear', `${name}/q`, `${name}/dq`),
  );
  return scale;
}

function isPair({ opType }: OnnxNode): boolean {
  return opType === 'QuantizeLinear' || opType === 'DequantizeLinear';
}

/** Weights to int8 per output channel, the bias to int32 with the product of both scales. */
function quantizeConv(model: OnnxModel, node: OnnxNode, scales: ReadonlyMap<string, number>): void {
  const [input = '', weightName = '', biasName] = node.input;
  const weight = model.floats(weightName);
  const inputScale = scales.get(input.replace(/\/dq$/, ''));
  if (weight === undefined || inputScale === undefined) return;
  const { values, channelScales } = quantizeChannels(weight.values, weight.dims[0] ?? 1);
  const channels = channelScales.length;
  const weightScale = model.constant(`${weightName}/scale`, channelScales, [channels]);
  const weightZero = model.constant(`${weightName}/zero`, new Int8Array(channels), [channels]);
  model.constant(`${weightName}/q`, values, weight.dims);
  dequantizeConstant(model, weightName, [weightScale, weightZero]);
  node.input = [input, `${weightName}/dq`];
  const bias = biasName === undefined ? undefined : model.floats(biasName)?.values;
  const biasScales = channelScales.map((scale) => scale * inputScale);
  const whole = Int32Array.from(biasScales, (scale, channel) => Math.round((bias?.[channel] ?? 0) / scale));
  const name = `${node.output[0] ?? ''}/bias`;
  const biasScale = model.constant(`${name}/scale`, biasScales, [channels]);
  const biasZero = model.constant(`${name}/zero`, new Int32Array(channels), [channels]);
  model.constant(`${name}/q`, whole, [channels]);
  dequantizeConstant(model, name, [biasScale, biasZero]);
  node.input.push(`${name}/dq`);
}

function dequantizeConstant(model: OnnxModel, name: string, parameters: readonly string[]): void {
  if (model.nodes.some(({ output }) => output[0] === `${name}/dq`)) return;
  const INT = 2;
  model.nodes.push({
    name: `${name}/dq`,
    opType: 'DequantizeLinear',
    input: [`${name}/q`, ...parameters],
    output: [`${name}/dq`],
    attribute: [{ name: 'axis', i: 0, type: INT }],
  });
}

/** Symmetric int8 per output channel: scale = max |w| / 127. */
export function quantizeChannels(
  weights: Float32Array,
  channels: number,
): { values: Int8Array; channelScales: Float32Array } {
  const perChannel = weights.length / channels;
  const values = new Int8Array(weights.length);
  const channelScales = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const part = weights.subarray(channel * perChannel, (channel + 1) * perChannel);
    const largest = part.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const scale = Math.max(largest / WEIGHT_LIMIT, LEAST_SCALE);
    channelScales[channel] = scale;
    part.forEach((weight, index) => (values[channel * perChannel + index] = Math.round(weight / scale)));
  }
  return { values, channelScales };
}

/** ONNX wants every node after the ones whose results it takes. */
function sorted(model: OnnxModel): OnnxNode[] {
  const waiting = new Set(model.nodes);
  const known = new Set(['', ...model.inputs, ...model.initializers.keys()]);
  const order: OnnxNode[] = [];
  while (waiting.size > 0) {
    const before = waiting.size;
    for (const node of waiting) {
      if (!node.input.every((name) => known.has(name))) continue;
      order.push(node);
      waiting.delete(node);
      for (const name of node.output) known.add(name);
    }
    if (waiting.size === before) throw new Error('the graph has a node whose input nobody gives');
  }
  return order;
}

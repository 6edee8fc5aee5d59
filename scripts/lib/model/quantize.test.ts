import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ElementType, OnnxGraph } from './onnx-file.js';
import { OnnxModel } from './onnx-model.js';
import { quantize, quantizeChannels, tensorsToCalibrate } from './quantize.js';

/** Two convolutions with a leaky ReLU between them, and a Sigmoid behind that nobody should touch. */
function smallModel(): Uint8Array {
  const graph = new OnnxGraph();
  const weights = (count: number, seed: number) =>
    Float32Array.from(
      { length: count },
      (_, index) => Math.sin(seed + index * 1.7) * (1 + (index % 5)) * 0.2,
    );
  const conv = (input: string, output: string, seed: number) =>
    graph.add(
      'Conv',
      [
        input,
        graph.constant(`${output}/w`, weights(4 * (seed === 1 ? 3 : 4) * 9, seed), [
          4,
          seed === 1 ? 3 : 4,
          3,
          3,
        ]),
        graph.constant(`${output}/b`, weights(4, seed + 5), [4]),
      ],
      output,
      { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    );
  conv('image', 'first', 1);
  graph.add('LeakyRelu', ['first'], 'leaky', { alpha: { float: 0.1 } });
  conv('leaky', 'second', 2);
  graph.add('Sigmoid', ['second'], 'answer');
  return graph.encode({
    inputs: [{ name: 'image', shape: [1, 3, 8, 8], type: ElementType.float }],
    outputs: [{ name: 'answer', shape: [1, 4, 8, 8], type: ElementType.float }],
    metadata: { family: 'test' },
  });
}

const image = Float32Array.from({ length: 3 * 64 }, (_, index) => Math.sin(index / 3));

async function run(bytes: Uint8Array): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(bytes);
  const results = await session.run({ image: new Tensor('float32', image, [1, 3, 8, 8]) });
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
  );
}

describe('an ONNX file', () => {
  it('is the same after it was read and written', async () => {
    const source = smallModel();
    const copy = new OnnxModel(source).encode();
    expect(await run(copy)).toEqual(await run(source));
    expect(new OnnxModel(copy).metadata).toEqual(new Map([['family', 'test']]));
  });

  it('is refused when it is none', () => {
    expect(() => new OnnxModel(Buffer.from('no model'))).toThrow();
  });
});

describe('quantisation', () => {
  it('has one scale per channel, so that a large channel does not blur a small one', () => {
    const { values, channelScales } = quantizeChannels(Float32Array.from([1.27, -0.01, 0.0127, 0.0001]), 2);
    expect([...values]).toEqual([127, -1, 127, 1]);
    expect([...channelScales]).toEqual([expect.closeTo(0.01, 6), expect.closeTo(0.0001, 8)]);
  });

  it('gives nearly the answers of the float model, and leaves what follows the last convolution alone', async () => {
    const source = smallModel();
    const floats = new OnnxModel(source);
    const names = tensorsToCalibrate(floats);
    expect(names.sort()).toEqual(['first', 'image', 'leaky', 'second']);
    const seen: Record<string, Float32Array> = {
      ...(await run(floats.encode(names.filter((name) => name !== 'image')))),
      image,
    };
    const model = new OnnxModel(source);
    quantize(
      model,
      new Map(
        names.map((name) => [
          name,
          { min: Math.min(...(seen[name] ?? [])), max: Math.max(...(seen[name] ?? [])) },
        ]),
      ),
    );
    const [exact, near] = [await run(source), await run(model.encode())];
    const errors =
      near['answer']?.map((value, index) => Math.abs(value - (exact['answer']?.[index] ?? 0))) ?? [];
    expect(Math.max(...errors)).toBeLessThan(0.03);
    expect(Math.max(...errors)).toBeGreaterThan(0);
    expect(model.nodes.filter(({ opType }) => opType === 'Sigmoid')).toHaveLength(1);
  });

  it('names the tensor that was not calibrated', () => {
    expect(() => quantize(new OnnxModel(smallModel()), new Map())).toThrow('was not calibrated');
  });
});

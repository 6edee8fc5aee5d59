import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const graphSchema = z.object({
  modelTopology: z.object({
    node: z.array(
      z.object({
        name: z.string(),
        op: z.string(),
        input: z.array(z.string()).default([]),
        attr: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  }),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int()),
          dtype: z.enum(['float32', 'int32']),
          quantization: z.object({ dtype: z.literal('float16') }).optional(),
        }),
      ),
    }),
  ),
});

/** A node of a TensorFlow.js graph model. */
export type TfjsNode = z.infer<typeof graphSchema>['modelTopology']['node'][number];

/** A weight with its values as 32-bit numbers. */
export interface TfjsWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A TensorFlow.js graph model in memory. */
export interface TfjsGraph {
  readonly nodes: ReadonlyMap<string, TfjsNode>;
  readonly weights: ReadonlyMap<string, TfjsWeight>;
  /** All weight bytes in file order, for hashing. */
  readonly bytes: Buffer;
}

/** Read a graph model's JSON file and the weight files beside it. */
export function readTfjsGraph(file: string): TfjsGraph {
  const graph = graphSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const weights = new Map<string, TfjsWeight>();
  const parts: Buffer[] = [];
  for (const group of graph.weightsManifest) {
    const bytes = Buffer.concat(group.paths.map((path) => readFileSync(join(dirname(file), path))));
    parts.push(bytes);
    let offset = 0;
    for (const { name, shape, dtype, quantization } of group.weights) {
      const length = shape.reduce((product, size) => product * size, 1);
      const half = quantization !== undefined;
      const values = new Float32Array(length);
      for (let index = 0; index < length; index++) {
        const at = offset + index * (half ? 2 : 4);
        if (half) values[index] = halfToFloat(bytes.readUInt16LE(at));
        else values[index] = dtype === 'int32' ? bytes.readInt32LE(at) : bytes.readFloatLE(at);
      }
      weights.set(name, { shape, values });
      offset += length * (half ? 2 : 4);
    }
    if (offset !== bytes.length)
      throw new RangeError(`${file}: weights describe ${offset} bytes, files hold ${bytes.length}`);
  }
  return {
    nodes: new Map(graph.modelTopology.node.map((node) => [node.name, node])),
    weights,
    bytes: Buffer.concat(parts),
  };
}

/** IEEE 754 binary16 to a number. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

import type { ModelFamily } from '../config/config.js';
import type { ModelInput } from '../decoder/layout.js';
import { cellCount, decodeNanodet, decodeYolov8, decodeYolox, type Decode } from './decode.js';

/** A tensor of a model: name and shape; a dimension that the file leaves open is not a number. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** How a family wants its pixels, and what its answer means. */
export interface Family {
  readonly name: ModelFamily;
  readonly fit: ModelInput['fit'];
  /** Order of the input's channels. */
  readonly order: 'rgb' | 'bgr';
  /** A channel value is (0..255 - mean) / std, in the input's order. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly decode: Decode;
  /** Whether outputs of these shapes are this family's, for an input of the given size. */
  readonly fits: (outputs: readonly TensorInfo[], input: { width: number; height: number }) => boolean;
}

function shapeOf(output: TensorInfo | undefined): readonly (number | string)[] {
  return output?.shape ?? [];
}

/** Whether an output is a batch of one with a value for each cell of the grids along one axis, more than `least` along the other. */
function isGrid(
  output: TensorInfo | undefined,
  axes: { readonly cells: 1 | 2; readonly least: number },
  { width, height }: { width: number; height: number },
): boolean {
  const shape = shapeOf(output);
  const values = shape[3 - axes.cells];
  const cells = cellCount(width, height);
  return shape[0] === 1 && shape[axes.cells] === cells && typeof values === 'number' && values > axes.least;
}

const FAMILIES: Readonly<Record<ModelFamily, Family>> = {
  nanodet: {
    name: 'nanodet',
    fit: 'stretch',
    order: 'bgr',
    // RangiLyu/nanodet, config of NanoDet-g: normalisation in BGR order.
    mean: [103.53, 116.28, 123.675],
    std: [57.375, 57.12, 58.395],
    decode: decodeNanodet,
    fits: (outputs) => {
      const boxes = shapeOf(outputs.find(({ name }) => name === 'boxes'));
      const scores = shapeOf(outputs.find(({ name }) => name === 'scores'));
      return boxes.length === 2 && boxes[0] === 4 && scores.length === 1 && scores[0] === boxes[1];
    },
  },
  yolox: {
    name: 'yolox',
    fit: 'letterbox',
    order: 'bgr',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    decode: decodeYolox,
    fits: ([output], input) => isGrid(output, { cells: 1, least: 5 }, input),
  },
  yolov8: {
    name: 'yolov8',
    fit: 'letterbox',
    order: 'rgb',
    mean: [0, 0, 0],
    std: [255, 255, 255],
    decode: decodeYolov8,
    fits: ([output], input) => isGrid(output, { cells: 2, least: 4 }, input),
  },
};

/** What the detector needs to know of a model file. */
export interface KnownModel {
  readonly family: Family;
  readonly input: ModelInput;
}

/**
 * Find out how to run a model.
 * @param wanted from the configuration; `auto` takes what the file's metadata says, else what the shapes say
 * @throws Error with the shapes, what was expected and what to do
 */
export function recognise(
  wanted: ModelFamily | 'auto',
  declared: string | undefined,
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
): KnownModel {
  const [input] = inputs;
  const [batch, channels, height, width] = input?.shape ?? [];
  const planar = input?.shape.length === 4 && batch === 1 && channels === 3;
  if (!planar || typeof width !== 'number' || typeof height !== 'number' || input.type !== 'float32') {
    throw new Error(
      `its input is ${describe(inputs)}, but a float32 tensor of 1x3xHEIGHTxWIDTH is needed; ` +
        'export it for one picture with fixed sizes',
    );
  }
  if (width % 32 !== 0 || height % 32 !== 0)
    throw new Error(`its input of ${width}x${height} pixels is no multiple of 32 pixels; export it again`);
  const size = { width, height };
  const seen = Object.values(FAMILIES).find((family) => family.fits(outputs, size));
  const named = wanted === 'auto' ? asFamily(declared) : wanted;
  const family = named === undefined ? seen : FAMILIES[named];
  if (family === undefined || !family.fits(outputs, size)) {
    const known = seen === undefined ? 'those of no known family' : `those of ${seen.name}`;
    const says = named === undefined ? '' : `it should be ${named}, but `;
    throw new Error(
      `${says}its outputs ${describe(outputs)} are ${known} (nanodet, yolox, yolov8); ` +
        'set detector.family to auto or export the model without post-processing',
    );
  }
  return { family, input: { ...size, fit: family.fit } };
}

function asFamily(name: string | undefined): ModelFamily | undefined {
  return name !== undefined && name in FAMILIES ? (name as ModelFamily) : undefined;
}

function describe(tensors: readonly TensorInfo[]): string {
  return tensors.map(({ name, type, shape }) => `"${name}" ${type} ${shape.join('x')}`).join(', ');
}

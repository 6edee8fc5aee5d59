/** Field numbers of onnx.proto3: ModelProto.metadata_props and StringStringEntryProto. */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;
/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

interface Field {
  readonly number: number;
  /** Content of a length-delimited field; empty for others. */
  readonly content: Uint8Array;
}

/**
 * The key-value pairs that stand in an ONNX file; onnxruntime-node does not give them out. Only the outermost fields
 * are walked, weights are skipped over.
 * @throws Error when the bytes are no ONNX file
 */
export function readMetadata(file: Uint8Array): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const text = new TextDecoder();
  for (const { number, content } of fieldsOf(file)) {
    if (number !== METADATA_PROPS) continue;
    const parts = new Map([...fieldsOf(content)].map((field) => [field.number, text.decode(field.content)]));
    metadata.set(parts.get(KEY) ?? '', parts.get(VALUE) ?? '');
  }
  return metadata;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let offset = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++];
      if (byte === undefined || shift > 63) throw new Error('it is no ONNX file');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    let content = new Uint8Array();
    switch (tag % 8) {
      case VARINT:
        varint();
        break;
      case FIXED64:
        offset += 8;
        break;
      case FIXED32:
        offset += 4;
        break;
      case LENGTH_DELIMITED: {
        const length = varint();
        content = bytes.subarray(offset, offset + length) as Uint8Array<ArrayBuffer>;
        offset += length;
        break;
      }
      default:
        throw new Error('it is no ONNX file');
    }
    if (offset > bytes.length) throw new Error('it is no ONNX file, or only a part of one');
    yield { number, content };
  }
}

/**
 * Index of the class "person" by the `names` that Ultralytics writes, such as `{0: 'person', 1: 'bicycle'}`; 0 as in
 * COCO where a file says nothing.
 * @throws Error when there are names, but none of them is "person"
 */
export function personClass(metadata: ReadonlyMap<string, string>): number {
  const names = metadata.get('names');
  if (names === undefined) return 0;
  const match = /(\d+)\s*:\s*['"]person['"]/i.exec(names);
  if (match?.[1] === undefined)
    throw new Error(`its classes are ${names.slice(0, 100)}; it has none that is called "person"`);
  return Number(match[1]);
}

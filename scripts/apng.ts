/** A moving picture from still ones: PNGs of one size and kind, put into one APNG as they are. */
import { crc32 } from "node:zlib";

export interface Frame {
  readonly png: Buffer;
  /** How long it stands, in milliseconds; at most 65,535. */
  readonly ms: number;
}

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

/**
 * Plays once and stands still at the end: nobody reads beside something that never stops.
 * https://www.w3.org/TR/png-3/#apng-frame-based-animation
 * @throws Error where the pictures are not of one size and kind
 */
export function makeApng(frames: readonly Frame[]): Buffer {
  const [first, ...others] = frames.map(({ png, ms }) => ({ ...readPng(png), ms }));
  if (first === undefined) throw new Error("A picture needs a frame.");
  if (others.some(({ header }) => !header.equals(first.header)))
    throw new Error("The frames are not of one size and kind.");
  let sequence = 0;
  const control = (ms: number) => {
    const data = Buffer.alloc(26);
    data.writeUInt32BE(sequence++, 0);
    first.header.copy(data, 4, 0, 8); // Width and height; the offsets stay 0.
    data.writeUInt16BE(ms, 20);
    data.writeUInt16BE(1000, 22);
    return chunk("fcTL", data);
  };
  const numbered = (data: Buffer) => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(sequence++);
    return chunk("fdAT", Buffer.concat([number, data]));
  };
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length, 0);
  animation.writeUInt32BE(1, 4);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", first.header),
    chunk("acTL", animation),
    control(first.ms),
    chunk("IDAT", first.data),
    ...others.flatMap(({ data, ms }) => [control(ms), numbered(data)]),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Name and content of each chunk. @throws Error for what is not a PNG */
export function pngChunks(png: Buffer): { readonly name: string; readonly data: Buffer }[] {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error("This is not a PNG.");
  const found: { name: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    found.push({ name: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return found;
}

function readPng(png: Buffer): { readonly header: Buffer; readonly data: Buffer } {
  const chunks = pngChunks(png);
  const all = (name: string) =>
    Buffer.concat(chunks.filter((each) => each.name === name).map(({ data }) => data));
  return { header: all("IHDR"), data: all("IDAT") };
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

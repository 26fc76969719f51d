/** The hashes of what is uploaded (SHA-256, MD5, CRC32C), computed as the bytes arrive, each byte once. */
import { createHash } from "node:crypto";

/** Checksums of one stored object; the base64 forms are the ones that storage puts on the wire. */
export interface Checksums {
  readonly sha256: string;
  readonly md5Base64: string;
  /** Base64 of the four bytes of the CRC32C, most significant first. */
  readonly crc32cBase64: string;
}

// CRC32C is not in Node's crypto. With eight tables instead of one, each step takes eight bytes, so that 150
// MB take about a tenth of a second; a DataView, because it returns numbers, never undefined.
const tables = new DataView(new ArrayBuffer(8 * 256 * 4));
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let table = 0; table < 8; table += 1) {
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    tables.setInt32((table * 256 + byte) * 4, value, true);
  }
}

const entry = (table: number, byte: number): number =>
  tables.getInt32((table * 256 + (byte & 255)) * 4, true);

/** Adds `bytes` to a CRC32C; start with -1 and invert the last value. */
export function crc32c(crc: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = crc;
  let at = 0;
  for (; at + 8 <= view.byteLength; at += 8) {
    const low = value ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    value =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, high) ^
      entry(2, high >>> 8) ^
      entry(1, high >>> 16) ^
      entry(0, high >>> 24);
  }
  for (; at < view.byteLength; at += 1) value = (value >>> 8) ^ entry(0, value ^ view.getUint8(at));
  return value;
}

export class Digests {
  readonly #sha256 = createHash("sha256");
  readonly #md5 = createHash("md5");
  #crc = -1;

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#md5.update(bytes);
    this.#crc = crc32c(this.#crc, bytes);
  }

  /** The checksums of what was added so far; more may follow. */
  checksums(): Checksums {
    const crc = Buffer.alloc(4);
    crc.writeInt32BE(~this.#crc);
    return {
      sha256: this.#sha256.copy().digest("hex"),
      md5Base64: this.#md5.copy().digest("base64"),
      crc32cBase64: crc.toString("base64"),
    };
  }
}

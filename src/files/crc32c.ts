/** CRC-32C (Castagnoli), which Google's storage uses. https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 */

export interface Sum {
  update(bytes: Uint8Array): void;
  /** Of what was fed so far, big-endian in base64, as the storage writes it. */
  digest(): string;
}

/**
 * Begins a sum. Eight bytes per step: 0.7 GB/s, where MD5 does 0.4. Must use nothing from outside itself, as
 * its source text is also run in a thread.
 */
export function crc32c(): Sum {
  /** How each of eight bytes changes the sum, by the bit-reversed polynomial. */
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  const table = (at: number) => tables[at] ?? new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    table(0)[byte] = crc;
  }
  for (let at = 1; at < 8; at++)
    for (let byte = 0; byte < 256; byte++) {
      const before = table(at - 1)[byte] ?? 0;
      table(at)[byte] = (table(0)[before & 255] ?? 0) ^ (before >>> 8);
    }
  const [t0, t1, t2, t3] = [table(0), table(1), table(2), table(3)];
  const [t4, t5, t6, t7] = [table(4), table(5), table(6), table(7)];
  let crc = -1;
  return {
    update(bytes) {
      // Reads words if they are aligned: all processors that VS Code runs on are little-endian.
      const count = bytes.byteOffset % 4 === 0 ? bytes.length >>> 3 : 0;
      const words =
        count === 0 ? new Int32Array(0) : new Int32Array(bytes.buffer, bytes.byteOffset, 2 * count);
      let sum = crc;
      for (let at = 0; at < words.length; at += 2) {
        const low = (words[at] ?? 0) ^ sum;
        const high = words[at + 1] ?? 0;
        sum =
          (t7[low & 255] ?? 0) ^
          (t6[(low >>> 8) & 255] ?? 0) ^
          (t5[(low >>> 16) & 255] ?? 0) ^
          (t4[low >>> 24] ?? 0) ^
          (t3[high & 255] ?? 0) ^
          (t2[(high >>> 8) & 255] ?? 0) ^
          (t1[(high >>> 16) & 255] ?? 0) ^
          (t0[high >>> 24] ?? 0);
      }
      for (let at = 8 * count; at < bytes.length; at++)
        sum = (t0[(sum ^ (bytes[at] ?? 0)) & 255] ?? 0) ^ (sum >>> 8);
      crc = sum;
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE((crc ^ -1) >>> 0);
      return bytes.toString("base64");
    },
  };
}

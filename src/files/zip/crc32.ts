/** The CRC-32 of two pieces joined, from those of each: like zlib's `crc32_combine`. */

const POLYNOMIAL = 0xedb88320;

/** The product of two polynomials modulo the CRC's own, in its reflected form. */
function times(one: number, other: number): number {
  let product = 0;
  let factor = other;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((one & bit) !== 0) product ^= factor;
    factor = (factor & 1) === 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}

/** x to the power of 2 to the n. */
const POWERS = [0x40000000];
for (let n = 1; n < 64; n++) {
  const last = POWERS[n - 1] ?? 0;
  POWERS.push(times(last, last));
}

/** @param length bytes of the second piece */
export function joinedCrc32(first: number, second: number, length: number): number {
  let shift = 0x80000000;
  // Each byte shifts the first by 8 bits.
  for (let [left, n] = [length, 3]; left > 0; left = Math.floor(left / 2), n++)
    if (left % 2 === 1) shift = times(POWERS[n] ?? 0, shift);
  return (times(shift, first) ^ second) >>> 0;
}

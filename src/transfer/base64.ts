/** Bytes as base64 while they are read. */

/** The length of this many bytes in base64. */
export function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/** Chunks of any length as one base64 text: an incomplete group of three bytes waits for the next chunk. */
export async function* asBase64(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    rest = Uint8Array.from(bytes.subarray(whole));
    yield Buffer.from(bytes.toString("base64", 0, whole), "latin1");
  }
  yield Buffer.from(Buffer.from(rest).toString("base64"), "latin1");
}

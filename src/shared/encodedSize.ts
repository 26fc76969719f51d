/**
 * Bytes that files take in a mail: base64 makes four of three, and breaks its lines after 76 characters.
 * https://www.rfc-editor.org/rfc/rfc2045#section-6.8
 */
export function encodedBytes(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => {
    const characters = Math.ceil(size / 3) * 4;
    return total + characters + 2 * Math.ceil(characters / 76);
  }, 0);
}

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { imageSize } from "../../../src/files/kind/imageSize.ts";
import { Folder } from "../../support/files.ts";

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );
const padded = (head: Buffer) => Buffer.concat([head, Buffer.alloc(64)]);
const png = padded(bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 11, 184], [0, 0, 7, 208]));
const jpegFrame = bytes([0xff, 0xc2, 0, 17, 8, 1, 44, 1, 144, 3]);

describe("What an image measures", () => {
  let folder: Folder;
  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  for (const [what, content, size] of [
    ["a PNG", png, [3000, 2000]],
    ["a GIF", padded(bytes("GIF89a", [64, 1, 200, 0])), [320, 200]],
    ["a BMP", padded(bytes("BM", Array(16).fill(0), [64, 1, 0, 0], [200, 0, 0, 0])), [320, 200]],
    [
      "a BMP from its top",
      padded(bytes("BM", Array(16).fill(0), [64, 1, 0, 0], [0x38, 0xff, 0xff, 0xff])),
      [320, 200],
    ],
    ["a JPEG", padded(bytes([0xff, 0xd8], [...jpegFrame])), [400, 300]],
    [
      "a JPEG behind what a camera wrote",
      padded(
        bytes(
          [0xff, 0xd8, 0xff, 0xe1, 0x9c, 0x40],
          Array(39_998).fill(7),
          [0xff, 0xff],
          [...jpegFrame].slice(1),
        ),
      ),
      [400, 300],
    ],
    [
      "a lossy WebP",
      padded(bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", Array(10).fill(0), [64, 1], [200, 0])),
      [320, 200],
    ],
    [
      "a lossless WebP",
      padded(bytes("RIFF", [0, 0, 0, 0], "WEBPVP8L", Array(5).fill(0), [63, 193, 49, 0])),
      [320, 200],
    ],
    [
      "a WebP with more in it",
      padded(bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", Array(8).fill(0), [63, 1, 0], [199, 0, 0])),
      [320, 200],
    ],
    ["a file that is cut off", png.subarray(0, 20), undefined],
    ["an empty file", Buffer.alloc(0), undefined],
    ["a PNG of no width", padded(bytes("\x89PNG\r\n\x1a\n", Array(16).fill(0))), undefined],
    ["a JPEG without a frame", padded(bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0])), undefined],
    ["a JPEG of markers only", Buffer.alloc(4000, 0xff), undefined],
    ["a text", Buffer.from("x".repeat(100)), undefined],
  ] as const)
    it(`is read of ${what}: ${size?.join(" × ") ?? "unknown"}`, async () => {
      const path = join(folder.path, "image");
      await writeFile(path, content);
      const found = await imageSize(path);
      assert.deepEqual(found && [found.width, found.height], size);
    });
});

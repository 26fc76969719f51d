import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { assembled, assembledLength, type FilePiece, type Piece } from "../../../src/transfer/assembly.ts";
import { asBase64, base64Length } from "../../../src/transfer/base64.ts";
import { Folder, sample } from "../../support/files.ts";

const MB = 1024 * 1024;
const { signal } = new AbortController();

/** Everything that came, and why nothing more did. Copied: the reader's buffers are used again. */
async function collect(chunks: AsyncIterable<Uint8Array>): Promise<{ bytes: Buffer; reason: unknown }> {
  const parts: Buffer[] = [];
  try {
    for await (const chunk of chunks) parts.push(Buffer.from(chunk));
    return { bytes: Buffer.concat(parts), reason: undefined };
  } catch (reason) {
    return { bytes: Buffer.concat(parts), reason };
  }
}

describe("A request made of texts and files", () => {
  const content = sample(3 * MB + 77);
  let folder: Folder;
  let piece: FilePiece;
  beforeEach(async () => {
    folder = await Folder.make();
    const path = await folder.file("a.bin", content);
    piece = {
      path,
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
      as: "bytes",
    };
  });
  afterEach(() => folder.remove());

  it("has the bytes of its pieces in their order, as many as announced, each time", async () => {
    const pieces: Piece[] = ["größe ", piece, " then ", { ...piece, as: "base64" }, "."];
    const expected = Buffer.concat([
      Buffer.from("größe "),
      content,
      Buffer.from(` then ${content.toString("base64")}.`),
    ]);
    for (let time = 0; time < 2; time++)
      assert.ok((await collect(assembled(pieces, signal))).bytes.equals(expected));
    assert.equal(assembledLength(pieces), expected.length);
  });

  for (const as of ["bytes", "base64"] as const)
    for (const [what, spoil, code, most] of [
      [
        "has other bytes",
        (path: string) => writeFile(path, sample(content.length, 9)),
        "file-changed",
        undefined,
      ],
      ["has another size", (path: string) => writeFile(path, content.subarray(1)), "file-changed", 4],
      ["is gone", (path: string) => rm(path), "file-missing", 4],
    ] as const)
      it(`is never whole where a file ${what} (as ${as})`, async () => {
        await spoil(piece.path);
        const pieces: Piece[] = ["head", { ...piece, as }, "tail"];
        const { bytes, reason } = await collect(assembled(pieces, signal));
        assert.ok(reason instanceof Error && "code" in reason && reason.code === code, String(reason));
        assert.ok("path" in reason && reason.path === piece.path, "it says which");
        assert.ok(bytes.length < assembledLength(pieces));
        if (most !== undefined) assert.equal(bytes.length, most, "nothing of the file left");
      });

  it("ends when it is cancelled", async () => {
    const controller = new AbortController();
    const chunks = assembled(["head", piece, "tail"], controller.signal);
    await chunks.next();
    controller.abort();
    assert.equal((await collect(chunks)).reason, controller.signal.reason);
  });
});

describe("Base64 while bytes are read", () => {
  it("is the same however they are cut", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }), async (chunks) => {
        const whole = Buffer.concat(chunks);
        const text = (await collect(asBase64(each(chunks)))).bytes.toString();
        assert.equal(text, whole.toString("base64"));
        assert.equal(base64Length(whole.length), text.length);
      }),
    ));
});

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

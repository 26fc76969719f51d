import assert from "node:assert/strict";
import { join } from "node:path";
import { fileType } from "../../../src/files/kind/fileType.ts";
import { Folder } from "../../support/files.ts";

const TEXT = "text/plain; charset=utf-8";
const UNKNOWN = "application/octet-stream";
const umlauts = "Grüße aus Köln\n";
const mail = "From: a@x.example\r\nContent-Type: text/plain\r\n\r\nInside.\r\n";
const latin1 = Buffer.from(umlauts, "latin1");

/** The name of a file, what is in it, and what a mail says that it is. */
const FILES: readonly (readonly [string, string | Uint8Array, string])[] = [
  // Endings that a web server takes for something else.
  ["server.ts", "export const answer = 42;\n", TEXT],
  ["main.mts", "export {};\n", TEXT],
  ["view.cts", "export {};\n", TEXT],
  ["lib.rs", "fn main() {}\n", TEXT],
  ["x.as", "a\n", TEXT],
  ["run.bat", "echo x\r\n", TEXT],
  ["clip.ts", Buffer.from([0x47, 0x40, 0, 0x10, 0, 0, 0xb0]), UNKNOWN],
  ["app.dart", "void main() {}\n", TEXT],
  ["page.mpd", "x\n", TEXT],
  // What a mail program would act on.
  ["bounce.eml", mail, UNKNOWN],
  ["page.mht", mail, UNKNOWN],
  ["page.MHTML", mail, UNKNOWN],
  ["archive.mbox", mail, UNKNOWN],
  ["meeting.ics", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", UNKNOWN],
  ["smime.p7m", "x\n", UNKNOWN],
  ["app.zip.asc", "-----BEGIN PGP SIGNATURE-----\n", UNKNOWN],
  // Texts, in one set of characters and in others.
  ["umlaut.txt", umlauts, TEXT],
  ["notes.md", "# Grüße\n", TEXT],
  ["Makefile", "all:\n\tcc x.c\n", TEXT],
  ["no-ending", umlauts, TEXT],
  ["colours.log", "\u001b[31mred\u001b[0m\n\u001b]8;;x\u0007link\n".replace("\u0007", "\u001b[m"), TEXT],
  ["windows.txt", "one\r\ntwo\r\n", TEXT],
  ["mixed.txt", "one\r\ntwo\n", TEXT],
  ["marked.txt", `\ufeff${umlauts}`, TEXT],
  ["table.csv", "a;b\n1;ä\n", "text/csv; charset=utf-8"],
  ["page.html", "<p>ä</p>\n", "text/html; charset=utf-8"],
  ["data.json", '{"ä":1}\n', "application/json"],
  ["drawing.svg", "<svg/>\n", "image/svg+xml"],
  ["mac.txt", "one\rtwo\r", UNKNOWN],
  ["latin.txt", latin1, UNKNOWN],
  ["latin.csv", latin1, UNKNOWN],
  ["latin.html", latin1, UNKNOWN],
  ["utf16.txt", Buffer.from(`\ufeff${umlauts}`, "utf16le"), UNKNOWN],
  ["utf16-unmarked.log", Buffer.from("plain", "utf16le"), UNKNOWN],
  ["utf16be.json", Buffer.from("\ufeff{}", "utf16le").swap16(), UNKNOWN],
  ["cp1252.txt", Buffer.from([0x93, 0x61, 0x94, 0x0a]), UNKNOWN],
  ["shift-jis.txt", Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x0a]), UNKNOWN],
  ["gbk.txt", Buffer.from([0xd6, 0xd0, 0xce, 0xc4, 0x0a]), UNKNOWN],
  ["iso-2022-jp.txt", Buffer.from("\u001b$BF|K\\\u001b(B\n"), UNKNOWN],
  ["cut.txt", Buffer.from(umlauts).subarray(0, 3), UNKNOWN],
  ["zeros.txt", "a\0b\n", UNKNOWN],
  ["overlong.txt", Buffer.from([0xc0, 0xaf, 0x0a]), UNKNOWN],
  ["large.log", "x\n".repeat(600_000), UNKNOWN],
  ["as-large-as-may-be.log", "x\n".repeat(512 * 1024), TEXT],
  // What is shown, or opened, by its type.
  ["report.PDF", "%PDF-1.7", "application/pdf"],
  ["picture.JPG", "x", "image/jpeg"],
  ["app.tar.gz", "x", "application/gzip"],
  ["sheet.xlsx", "PK", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["core.bin", Buffer.from([1, 2, 3, 0xff]), UNKNOWN],
  ["a.constructor", Buffer.from([0xff]), UNKNOWN],
];

describe("What a mail says that a file is", () => {
  let folder: Folder;
  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  for (const [name, content, type] of FILES)
    it(`is ${type.replace(/;.*/, "")} of ${name}`, async () =>
      assert.equal(await fileType(name, await folder.file(name, content)), type));

  it("goes by its name in the mail, and by the bytes at its path", async () => {
    const path = await folder.file("data", umlauts);
    assert.deepEqual(
      [await fileType("data.csv", path), await fileType("data.eml", path)],
      ["text/csv; charset=utf-8", UNKNOWN],
    );
  });

  it("is nothing where the file cannot be read, which is told elsewhere", async () => {
    assert.equal(await fileType("gone.txt", join(folder.path, "gone.txt")), UNKNOWN);
    assert.equal(await fileType("folder.txt", folder.path), UNKNOWN);
  });
});

import assert from "node:assert/strict";
import { entryMode } from "../../../src/files/zip/entryModes.ts";

describe("The permissions of a file in an archive", () => {
  for (const platform of ["linux", "darwin"] as const)
    it(`are its own on ${platform}`, () => {
      assert.equal(entryMode(0o100640, Buffer.from("#!/bin/sh"), platform), 0o640);
    });

  for (const [what, head, mode] of [
    ["a text", Buffer.from("hello"), 0o644],
    ["nothing", Buffer.alloc(0), 0o644],
    ["a script", Buffer.from("#!/bin/sh\n"), 0o755],
    ["an ELF program", Buffer.from("7f454c4602010100", "hex"), 0o755],
    ["a Mach-O program", Buffer.from("cffaedfe0c000001", "hex"), 0o755],
    ["a Mach-O program for two processors", Buffer.from("cafebabe00000002", "hex"), 0o755],
    ["a class of Java", Buffer.from("cafebabe00000034", "hex"), 0o644],
    ["a class of Java 21", Buffer.from("cafebabe00000041", "hex"), 0o644],
    ["a program of Windows", Buffer.from("MZ"), 0o644],
  ] as const)
    it(`made on Windows say ${mode.toString(8)} of ${what}`, () => {
      assert.equal(entryMode(0o100666, head, "win32"), mode);
    });
});

import assert from "node:assert/strict";
import { kindOf } from "../../../src/files/folder/entryKind.ts";

const kind = (is: "folder" | "link" | "file") => ({
  isDirectory: () => is === "folder",
  isSymbolicLink: () => is === "link",
});

describe("What an entry of a folder is", () => {
  for (const [listed, seen, expected] of [
    ["folder", "file", "folder"],
    ["file", "link", "other"],
    ["link", "link", "link"],
    ["link", "folder", "folder"],
    ["link", "file", "other"],
  ] as const)
    it(`is ${expected} when it is listed as ${listed} and looks like ${seen}`, async () => {
      assert.equal(await kindOf(kind(listed), async () => kind(seen)), expected);
    });

  it("is a link when it is listed as one and cannot be looked at", async () => {
    assert.equal(await kindOf(kind("link"), () => Promise.reject(new Error("EACCES"))), "link");
  });

  it("is not asked about unless it is listed as a link", async () => {
    const never = () => assert.fail("It was looked at");
    assert.equal(await kindOf(kind("folder"), never), "folder");
    assert.equal(await kindOf(kind("file"), never), "other");
  });
});

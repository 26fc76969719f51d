import assert from "node:assert/strict";
import { bundleOf, isSystemFile } from "../../../src/files/folder/systemFiles.ts";

describe("What a system keeps in folders", () => {
  for (const name of [
    ".DS_Store",
    "Thumbs.db",
    "thumbs.DB",
    "desktop.ini",
    "Desktop.ini",
    "._a.txt",
    "ehthumbs.db",
    "Icon\r",
    ".localized",
    ".VolumeIcon.icns",
    ".com.apple.timemachine.donotpresent",
  ])
    it(`is the file ${JSON.stringify(name)}`, () => assert.ok(isSystemFile(name, false)));

  for (const name of [
    "__MACOSX",
    ".AppleDouble",
    ".Trash-1000",
    ".Trashes",
    ".fseventsd",
    "$RECYCLE.BIN",
    "System Volume Information",
  ])
    it(`is the folder ${name}`, () => assert.ok(isSystemFile(name, true)));

  for (const [name, isFolder] of [
    ["DS_Store", false],
    ["thumbs.db.txt", false],
    ["desktop.ini", true],
    ["._folder", true],
    [".gitignore", false],
    ["icon", false],
    ["_.a", false],
    ["__MACOSX", false],
    [".trash-can", true],
    [".trashes", false],
  ] as const)
    it(`is not the ${isFolder ? "folder" : "file"} ${name}`, () => assert.ok(!isSystemFile(name, isFolder)));

  for (const [path, bundle] of [
    ["My.app/Contents/MacOS/My", "My.app"],
    ["build\\Release\\My.APP\\Contents", "My.APP"],
    ["out/A.framework/Versions/B.app/x", "A.framework"],
    ["tools/Mixer.vst3/Contents/Resources/x", "Mixer.vst3"],
    ["Panel.prefPane/Contents/MacOS/Panel", "Panel.prefPane"],
    ["v1.2/Contents/x", undefined],
    ["My.app", undefined],
    ["my.apple/x", undefined],
    ["app/x", undefined],
  ] as const)
    it(`takes ${path} for a part of ${bundle ?? "no bundle"}`, () => assert.equal(bundleOf(path), bundle));
});

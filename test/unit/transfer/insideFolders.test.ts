import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { findInside, mayLookAt, openable, seemsInside } from "../../../src/files/workspaceFile.ts";
import { Folder } from "../../support/files.ts";
import { itNeeds } from "../../support/systems.ts";

describe("Paths in folders", () => {
  for (const [platform, path, root, expected] of [
    ["win32", "c:\\proj\\build\\app.bin", "c:\\proj", true],
    ["win32", "C:\\proj\\build\\app.bin", "c:\\proj", true],
    ["win32", "C:/proj/build/app.bin", "c:\\proj", true],
    ["win32", "c:\\PROJ\\build\\app.bin", "C:\\Proj\\", true],
    ["win32", "c:\\proj2\\a", "c:\\proj", false],
    ["win32", "c:\\proj\\..\\a", "c:\\proj", false],
    ["win32", "c:\\proj\\..a", "c:\\proj", true],
    ["win32", "d:\\proj\\a", "c:\\proj", false],
    ["win32", "c:\\proj", "c:\\proj", false],
    ["win32", "c:\\proj\\id_rsa::$DATA", "c:\\proj", false],
    ["win32", "c:\\proj\\notes.txt:hidden", "c:\\proj", false],
    ["win32", "\\\\server\\share\\a", "c:\\proj", false],
    ["win32", "\\\\SERVER\\share\\a", "\\\\server\\share", true],
    ["win32", "\\\\server\\other\\a", "\\\\server\\share", false],
    ["darwin", "/Volumes/Data/Proj/a", "/Volumes/Data/proj", true],
    ["darwin", "/Volumes/Data/Re\u0301sume\u0301/a", "/Volumes/Data/R\u00e9sum\u00e9", true],
    ["darwin", "/Volumes/Data/proj2/a", "/Volumes/Data/proj", false],
    ["linux", "/srv/Proj/a", "/srv/proj", false],
    ["linux", "/srv/proj/a:b", "/srv/proj", true],
  ] as const)
    it(`${expected ? "has" : "has not"} ${path} in ${root} on ${platform}`, () => {
      assert.equal(seemsInside(path, root, platform), expected);
    });

  for (const [path, folders, expected] of [
    ["c:\\a.zip", [], true],
    ["build/a.zip", [], true],
    ["\\\\evil\\share\\x.zip", ["c:\\proj"], false],
    ["//evil/share/x.zip", ["c:\\proj"], false],
    ["\\/evil/share/x.zip", [], false],
    ["\\\\?\\UNC\\evil\\share\\x.zip", ["c:\\proj"], false],
    ["\\??\\UNC\\evil\\share\\x.zip", ["c:\\proj"], false],
    ["/??/UNC/evil/share/x.zip", [], false],
    ["\\??.zip", [], true],
    ["\\\\server\\work\\x.zip", ["\\\\Server\\work"], true],
    ["\\\\server\\work\\..\\..\\..\\evil\\x.zip", ["\\\\server\\work\\deep"], false],
  ] as const)
    it(`${expected ? "may" : "may not"} be looked at when a text names ${path} and ${folders[0] ?? "nothing"} is open`, () => {
      assert.equal(mayLookAt(path, folders, "win32"), expected);
    });

  it("are opened as they were given when the drive stands for a server's folder", () => {
    assert.equal(openable("\\\\server\\share\\a.bin", "Z:\\a.bin"), "Z:\\a.bin");
    assert.equal(
      openable("\\\\server\\share\\a.bin", "\\\\server\\share\\b.bin"),
      "\\\\server\\share\\a.bin",
    );
    assert.equal(openable("C:\\real\\a.bin", "C:\\link\\a.bin"), "C:\\real\\a.bin");
  });

  itNeeds(
    "symbolic links",
    "are decided by what is on the disk: macOS may have a volume that tells capitals apart",
    async () => {
      const folder = await Folder.make();
      try {
        const path = await folder.file("a.bin", "a");
        const swapped = join(folder.path.toUpperCase(), "a.bin");
        assert.notEqual((await findInside(path, folder.path, "darwin")).path, undefined);
        // What lies elsewhere by its real path, or nowhere, is not inside, whatever its name seems to say.
        assert.equal((await findInside(swapped, folder.path, "darwin")).path, undefined);
        await symlink(path, join(folder.path, "link"));
        assert.equal((await findInside(join(folder.path, "link"), folder.path)).path, path);
      } finally {
        await folder.remove();
      }
    },
  );
});

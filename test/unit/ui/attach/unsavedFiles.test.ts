import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { UnsavedFiles } from "../../../../src/ui/attach/unsavedFiles.ts";
import type { UnsavedEditor } from "../../../../src/ui/editor/unsavedEditors.ts";
import { Folder } from "../../../support/files.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";
import { itNeeds } from "../../../support/systems.ts";

const buttons = ["Save and Send", "Send as Saved"];

describe("Files that an editor shows otherwise than the disk has them", () => {
  let folder: Folder;
  let saved: string[];
  let failed: string[];
  beforeEach(async () => {
    folder = await Folder.make();
    [saved, failed] = [[], []];
    await mkdir(join(folder.path, "notes"));
    for (const name of ["a.txt", "b.ipynb", "notes/c.md", "other.txt"]) await folder.file(name, "saved");
  });
  afterEach(() => folder.remove());

  const at = (name: string) => join(folder.path, name);
  const edited = (name: string, isSaved = true): UnsavedEditor => ({
    path: at(name),
    save: async () => {
      if (isSaved) saved.push(name);
      return isSaved;
    },
  });
  function ask(editors: readonly UnsavedEditor[], ...presses: readonly string[]) {
    const dialogs = new ScriptedDialogs(...presses);
    const unsaved = new UnsavedFiles({
      dialogs,
      editors: () => editors,
      failed: (reason) => void failed.push(reason instanceof Error ? reason.message : ""),
    });
    return { unsaved, shown: dialogs.shown };
  }

  it("are not asked about when there are none, or others", async () => {
    const { unsaved, shown } = ask([edited("other.txt")]);
    const paths = [at("a.txt"), at("notes"), at("b.ipynb")];
    assert.deepEqual(await unsaved.settle(paths), paths);
    assert.deepEqual(shown, []);
  });

  for (const [what, path, name] of [
    ["a text", "a.txt", "a.txt"],
    ["a notebook", "b.ipynb", "b.ipynb"],
    ["a file of a folder", "notes", "notes/c.md"],
  ] as const)
    for (const [press, isSaved, isSent] of [
      ["Save and Send", true, true],
      ["Send as Saved", false, true],
      [undefined, false, false],
    ] as const)
      it(`are asked about: ${what}, ${press ?? "closed"}`, async () => {
        const { unsaved, shown } = ask([edited(name), edited("other.txt")], ...(press ? [press] : []));
        assert.deepEqual(await unsaved.settle([at(path)]), isSent ? [at(path)] : []);
        const text = `“${name.replace("notes/", "")}” has unsaved changes.`;
        assert.deepEqual(shown, [{ how: "ask", text, detail: "", buttons }]);
        assert.deepEqual([saved, failed], [isSaved ? [name] : [], []]);
      });

  it("are named together, and saved in their order", async () => {
    const names = ["a.txt", "b.ipynb", "notes/c.md"];
    const { unsaved, shown } = ask(
      names.map((name) => edited(name)),
      "Save and Send",
    );
    await unsaved.settle([folder.path]);
    assert.deepEqual(saved, names);
    assert.deepEqual(
      [shown[0]?.text, shown[0]?.detail],
      ["3 files have unsaved changes.", "a.txt\nb.ipynb\nc.md"],
    );
  });

  it("stay here, all of them, when one cannot be saved", async () => {
    const { unsaved } = ask([edited("a.txt", false), edited("b.ipynb")], "Save and Send");
    assert.deepEqual(await unsaved.settle([at("a.txt"), at("b.ipynb")]), []);
    assert.deepEqual(failed, ["“a.txt” could not be saved. Nothing was attached."]);
  });

  itNeeds("symbolic links", "are known through a link, of a file or of its folder", async () => {
    await symlink(at("notes"), at("link"));
    await symlink(at("a.txt"), at("a-link.txt"));
    const { unsaved, shown } = ask([edited("notes/c.md"), edited("a.txt")]);
    for (const name of ["link", "link/c.md", "a-link.txt"]) await unsaved.settle([at(name)]);
    assert.equal(shown.length, 3);
  });

  it("may have no file yet: they are saved where the person says, or stay", async () => {
    const { unsaved, shown } = ask([], "Save and Send");
    assert.equal(await unsaved.saveNew("Untitled-1", async () => "/new.txt"), "/new.txt");
    assert.equal(await unsaved.saveNew("Untitled-1", async () => "/new.txt"), undefined);
    assert.deepEqual(shown[0], {
      how: "ask",
      text: "“Untitled-1” has not been saved yet.",
      detail: "",
      buttons: ["Save and Send"],
    });
  });
});

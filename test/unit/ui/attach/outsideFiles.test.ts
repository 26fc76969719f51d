import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { OutsideFiles } from "../../../../src/ui/attach/outsideFiles.ts";
import { Folder } from "../../../support/files.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";
import { describeNeeds } from "../../../support/systems.ts";

describe("Files from outside the open folders", () => {
  let around: Folder;
  let open: string;
  beforeEach(async () => {
    around = await Folder.make();
    open = join(around.path, "open");
    await mkdir(open);
  });
  afterEach(() => around.remove());

  function person(...presses: readonly string[]) {
    const dialogs = new ScriptedDialogs(...presses);
    const folderOf = (path: string) => (path.startsWith(open) ? open : undefined);
    return { dialogs, files: new OutsideFiles({ dialogs, folderOf }) };
  }
  /** A link in the open folder to a file beside it. */
  async function link(name: string): Promise<string> {
    const path = join(open, name);
    await symlink(await around.file(`${name} key`, "secret"), path);
    return path;
  }

  describeNeeds("symbolic links", "that a link in the folder leads to", () => {
    it("are asked about with what would be sent, and are sent when that is wanted", async () => {
      const paths = [await link("a.png"), await around.file("open/b.txt", "b")];
      const { dialogs, files } = person("Send That File");
      assert.deepEqual(await files.mayBeSent(paths), paths);
      assert.deepEqual(dialogs.shown, [
        {
          how: "ask",
          text: "This is a link to a file outside the folder.",
          detail: `What would be sent:\n${join(around.path, "a.png key")}`,
          buttons: ["Send That File"],
        },
      ]);
    });

    it("keep everything here when the question is closed", async () => {
      const { files } = person();
      assert.deepEqual(await files.mayBeSent([await link("a"), await around.file("open/b", "b")]), []);
    });

    it("are named up to five, and the others counted", async () => {
      const paths = await Promise.all(["1", "2", "3", "4", "5", "6", "7"].map(link));
      const { dialogs, files } = person("Send Those Files");
      assert.deepEqual(await files.mayBeSent(paths), paths);
      const [{ text, detail = "" } = { text: "" }] = dialogs.shown;
      assert.equal(text, "7 of these are links to files outside the folder.");
      const lines = detail.split("\n");
      assert.deepEqual([lines.length, lines.at(-1)], [7, "2 more files"]);
    });

    it("are nobody's question where no folder is open around the link, or it stays inside", async () => {
      const { dialogs, files } = person();
      const inside = join(open, "inside");
      await symlink(await around.file("open/c", "c"), inside);
      const beside = join(around.path, "beside");
      await symlink(await around.file("d", "d"), beside);
      assert.deepEqual(await files.mayBeSent([inside, beside]), [inside, beside]);
      assert.deepEqual(dialogs.shown, []);
    });
  });

  describe("that somebody has named or dropped", () => {
    it("are asked about", async () => {
      for (const [presses, expected] of [
        [["Attach"], true],
        [[], false],
      ] as const) {
        const { dialogs, files } = person(...presses);
        assert.equal(await files.mayComeIn(["/elsewhere/key", join(open, "a")]), expected);
        const [question] = dialogs.shown;
        assert.deepEqual(question, {
          how: "ask",
          text: "Attach a file from outside the folder?",
          detail: "/elsewhere/key",
          buttons: ["Attach"],
        });
      }
    });

    it("are counted, and come in without a question from inside", async () => {
      const nobody = person();
      assert.ok(await nobody.files.mayComeIn([join(open, "a")]));
      assert.deepEqual(nobody.dialogs.shown, []);
      const { dialogs, files } = person("Attach");
      assert.ok(await files.mayComeIn(["1", "2", "3", "4", "5", "6"].map((name) => `/elsewhere/${name}`)));
      assert.equal(dialogs.shown[0]?.text, "Attach 6 files from outside the folder?");
      assert.match(dialogs.shown[0]?.detail ?? "", /^\/elsewhere\/1\n.*\/elsewhere\/5\n1 more file$/s);
    });
  });
});

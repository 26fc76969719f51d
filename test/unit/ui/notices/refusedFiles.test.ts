import assert from "node:assert/strict";
import { RefusedFiles } from "../../../../src/ui/notices/refusedFiles.ts";

describe("Files that were not attached", () => {
  it("are told of with their mail, until they were read", () => {
    const files = new RefusedFiles();
    const changed: string[] = [];
    files.onDidChange((id) => changed.push(id));
    files.add("mail-1", "“a” is empty.");
    files.add("mail-2", "“b” is gone.");
    assert.deepEqual([files.of("mail-1"), files.of("mail-2")], [["“a” is empty."], ["“b” is gone."]]);
    files.clear("mail-1");
    files.clear("mail-1");
    assert.deepEqual([files.of("mail-1"), files.of("mail-2").length], [[], 1]);
    assert.deepEqual(changed, ["mail-1", "mail-2", "mail-1"]);
  });

  it("are named, eight of them at most", () => {
    const files = new RefusedFiles();
    for (let at = 0; at < 9; at++) files.add("mail-1", `${at}`);
    assert.deepEqual(files.of("mail-1").slice(7), ["7", "1 more was not attached."]);
    files.add("mail-1", "9");
    assert.deepEqual(files.of("mail-1").slice(8), ["2 more were not attached."]);
  });
});

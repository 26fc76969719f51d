import assert from "node:assert/strict";
import { join } from "node:path";
import { listUploads } from "../../../../src/ui/assistant/uploadList.ts";
import { attachment, delivery, now } from "../../../support/records.ts";

describe("What an assistant is told of uploads", () => {
  const root = join("/", "proj");
  const list = (isTrusted: boolean, paths: readonly string[]) =>
    listUploads({
      now: () => now,
      folders: () => [root],
      isTrusted: () => isTrusted,
      deliveries: {
        list: () => [
          delivery({
            attachments: paths.map((path) => attachment({ path, name: path.replace(/^.*[/\\\\]/, "") })),
          }),
        ],
      },
    });

  it("is nothing in Restricted Mode", () => {
    assert.throws(() => list(false, [join(root, "a.bin")]), /Restricted Mode/);
  });

  it("is what lies in the open folders", () => {
    const text = list(true, [
      join(root, "a.bin"),
      join("/", "home", "tax.pdf"),
      join("/", "proj-2", "b.bin"),
    ]);
    assert.match(text, /^“a\.bin” /);
    assert.doesNotMatch(text, /tax|b\.bin/);
    assert.equal(list(true, []), "Nothing was uploaded from the open folders yet.");
  });

  it("has names in quotes that end none, and not more than fifty of them", () => {
    const paths = Array.from({ length: 60 }, (_, at) => join(root, `a”${at}.bin`));
    const rows = list(true, paths).split("\n");
    assert.equal(rows.length, 51);
    assert.equal(rows[50], "and 10 older ones");
    assert.match(rows[0] ?? "", /^“a'0\.bin” /);
  });
});

import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findImages, imageName, imageNames } from "../../../src/delivery/body/bodyImages.ts";
import { parseMarkdown } from "../../../src/delivery/body/markdown.ts";
import { Folder } from "../../support/files.ts";
import { attachment } from "../../support/records.ts";
import { has, itNeeds } from "../../support/systems.ts";

describe("Images that a text names", () => {
  let scratch: Folder;
  let root: string;

  before(async () => {
    scratch = await Folder.make();
    root = join(scratch.path, "project");
    await mkdir(join(root, "docs"), { recursive: true });
    for (const name of ["chart.png", "docs/near.jpg", "docs/a b.gif", "docs/notes.pdf", "docs/art.svg"])
      await writeFile(join(root, name), "x");
    await writeFile(join(scratch.path, "private.png"), "x");
    await writeFile(join(root, ".env"), "x");
    if (!has("symbolic links")) return;
    await symlink(join(scratch.path, "private.png"), join(root, "leak.png"));
    await symlink(scratch.path, join(root, "out"));
    await symlink(join(root, ".env"), join(root, "env.png"));
    await symlink(join(root, "chart.png"), join(root, "docs/same.png"));
  });
  after(() => scratch.remove());

  const find = async (name: string, carried: readonly string[] = []) => {
    const attachments = carried.map((path) =>
      attachment({ path, inline: { contentId: "img1", name: imageName(name), size: null } }),
    );
    const imageFolders = { root, folder: join(root, "docs") };
    const { found, problems } = await findImages([imageName(name)], { attachments, imageFolders });
    return [...found.values()][0] ?? problems[0];
  };

  const links = ["same.png", "../leak.png", "../out/private.png", "../env.png"];
  const itFor = (name: string, title: string, work: () => Promise<void>) =>
    links.includes(name) ? itNeeds("symbolic links", title, work) : it(title, work);

  for (const [name, path] of [
    ["near.jpg", "docs/near.jpg"],
    ["./near.jpg", "docs/near.jpg"],
    ["a%20b.gif", "docs/a b.gif"],
    ["../chart.png", "chart.png"],
    ["/chart.png", "chart.png"],
    ["near.jpg?raw=true#x", "docs/near.jpg"],
    ["same.png", "chart.png"],
  ] as const)
    itFor(name, `are found: ${name}`, async () => assert.equal(await find(name), join(root, path)));

  for (const [name, why] of [
    ["gone.png", /“gone.png” was not found/],
    ["../../private.png", /is outside the open folder/],
    ["..%2F..%2Fprivate.png", /is outside the open folder/],
    ["/../private.png", /is outside the open folder/],
    ["..\\..\\private.png", /is outside the open folder/],
    ["../leak.png", /is outside the open folder/],
    ["../out/private.png", /is outside the open folder/],
    ["../env.png", /points to a file that is not an image/],
    ["notes.pdf", /not a type that/],
    ["art.svg", /not a type that/],
    ["../.env", /not a type that/],
    ["", /is not a file/],
    ["data:image/png;base64,AAAA", /is not a file/],
    ["file:///chart.png", /is not a file/],
    ["C:/chart.png", /is not a file/],
  ] as const)
    itFor(name, `are refused: ${name}`, async () => assert.match((await find(name)) ?? "", why));

  it("stay found when the mail carries them already", async () =>
    assert.equal(await find("gone.png", ["/elsewhere/gone.png"]), "/elsewhere/gone.png"));

  it("are not looked for without an open folder", async () => {
    const { problems } = await findImages(["chart.png"], { attachments: [], imageFolders: null });
    assert.match(problems[0] ?? "", /not started in an open folder/);
  });

  it("are each named once, wherever they stand", () =>
    assert.deepEqual(
      imageNames(
        parseMarkdown(
          "![](a.png)\n\n- ![x](./a.png) ![](<b c.png>)\n\n> ![](https://x.example/d.png) `![](e.png)`",
        ),
      ),
      ["a.png", "b c.png"],
    ));
});

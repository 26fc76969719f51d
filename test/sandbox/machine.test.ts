import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { join } from "node:path";
import { BadDisk } from "../support/badDisk.ts";
import { Folder } from "../support/files.ts";

/** Where time is virtual it passes while nothing is under way. What goes unheard would be overtaken by hours. */
describe("The disk of a machine whose time is virtual", () => {
  const src = join(import.meta.dirname, "../../src");
  let folder: Folder;
  let disk: BadDisk;
  let heard = 0;

  beforeEach(async () => {
    folder = await Folder.make();
    disk = new BadDisk({
      folder: folder.path,
      around: folder.path,
      clock: { now: () => 0 },
      foreman: {
        busily: (work) => {
          heard++;
          return work();
        },
      },
      onChange: () => {},
    });
  });
  afterEach(async () => {
    disk.dispose();
    await folder.remove();
  });

  /** Whether the machine hears of some work, whatever becomes of it. */
  const hears = async (work: () => unknown): Promise<boolean> => {
    heard = 0;
    await Promise.resolve()
      .then(work)
      .catch(() => {});
    return heard > 0;
  };

  it("is heard of in every function that the sources take from the file system", async () => {
    const texts = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(src, name), "utf8"));
    const imports = texts.flatMap((text) => text.match(/import \{[^}]*\} from "node:fs\/promises"/g) ?? []);
    const names = new Set(
      imports.flatMap((text) =>
        text
          .slice(text.indexOf("{") + 1, text.indexOf("}"))
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "" && !name.startsWith("type ")),
      ),
    );
    assert.ok(names.size > 12, [...names].join());
    const path = await folder.file("a.txt", "a");
    for (const name of names)
      assert.ok(await hears(() => Reflect.get(fs, name)(path, `${path}.other`)), `${name} is not heard of`);
  });

  it("is heard of in everything that is done to an open file", async () => {
    const file = await fs.open(await folder.file("b.txt", "b"), "r+");
    // These give a stream or an iterator, which then reads with one of the others.
    const indirect = ["constructor", "createReadStream", "createWriteStream", "readLines"].concat([
      "readableWebStream",
      "getAsyncId",
      "pull",
      "pullSync",
      "writer",
    ]);
    const methods = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(file)))
      .filter(([name, { value }]) => typeof value === "function" && !indirect.includes(name))
      .map(([name]) => name);
    assert.ok(methods.includes("stat"));
    for (const name of methods.filter((each) => each !== "close"))
      assert.ok(await hears(() => Reflect.get(file, name).call(file)), `${name} is not heard of`);
    assert.ok(await hears(() => file.close()));
  });
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import * as z from "zod";
import { packageVsix } from "../../scripts/package.ts";
import { zipEntries } from "../../scripts/zip.ts";
import { Folder } from "../support/files.ts";
import { unzipText } from "../support/zips.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => readFile(join(root, name), "utf8");

const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

const Bill = z.object({
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      licenses: z.array(z.object({ license: z.object({ id: z.string() }) })),
    }),
  ),
});

/** Licences that ask for no more than to be named. */
const PERMISSIVE = /^(MIT|MIT-0|0BSD|ISC|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0)$/;

describe("The package", () => {
  let folder: Folder;
  let first: string;

  before(async () => {
    folder = await Folder.make();
    first = await packageVsix(join(folder.path, "first.vsix"));
  });
  after(() => folder?.remove());

  it("is the same, byte for byte, when it is made again", async () => {
    const second = await packageVsix(join(folder.path, "second.vsix"));
    assert.ok((await readFile(first)).equals(await readFile(second)));
  });

  it("is smaller than 750 KiB", async () => {
    const { size } = await stat(first);
    assert.ok(size < 750 * 1024, `${size} bytes`);
  });

  it("holds no sources, no maps and no packages", async () => {
    const names = zipEntries(await readFile(first));
    assert.ok(names.includes("extension/dist/extension.js"));
    assert.deepEqual(
      names.filter((name) => /node_modules|\.(ts|map)$|\/(test|scripts|src)\//.test(name)),
      [],
    );
  });

  it("shows the README's examples as they are written", async () => {
    // vsce makes whole addresses of links and images; of those in code as well.
    const examples = (text: string) => text.match(/^```[\s\S]*?^```$|`[^`\n]+`/gm) ?? [];
    for (const [name, packed] of [
      ["README.md", "readme.md"],
      ["CHANGELOG.md", "changelog.md"],
    ] as const)
      assert.deepEqual(examples(await unzipText(first, `extension/${packed}`)), examples(await read(name)));
  });

  it("brings the licence of everything that is bundled", async () => {
    const names = zipEntries(await readFile(first));
    assert.ok(names.includes("extension/dist/NOTICES.txt"));
    const notices = await read("dist/NOTICES.txt");
    const { dependencies } = Manifest.parse(JSON.parse(await read("package.json")));
    const told = [...notices.matchAll(/^-{78}\n(\S+) (\S+) \(([^)]*)\)$/gm)];
    for (const [name, version] of Object.entries(dependencies))
      assert.ok(
        told.some(([, found, at]) => found === name && at === version),
        `${name} ${version}`,
      );
    assert.ok(told.some(([, name]) => name === "gitleaks")); // Not a package: its rules are in a table of ours.
    for (const [, name, , license = ""] of told) assert.match(license, PERMISSIVE, name);
  });
});

describe("The bill of materials beside the package", () => {
  let folder: Folder;
  let vsix: string;

  before(async () => {
    folder = await Folder.make();
    vsix = await packageVsix(join(folder.path, "freight.vsix"));
  });
  after(() => folder?.remove());

  const bill = () => readFile(join(folder.path, "freight.cdx.json"), "utf8");

  it("is valid by the schema of CycloneDX 1.6", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    assert.equal(await validator.validate(await bill()), null);
    const broken = JSON.stringify({ ...JSON.parse(await bill()), components: [{ name: "x" }] });
    assert.notEqual(await validator.validate(broken), null);
  });

  it("lists exactly what the notices list", async () => {
    const notices = await read("dist/NOTICES.txt");
    const told = [...notices.matchAll(/^-{78}\n(\S+) (\S+) \(([^)]*)\)$/gm)].map(([, ...part]) => part);
    const { components } = Bill.parse(JSON.parse(await bill()));
    assert.ok(told.length > 5);
    assert.deepEqual(
      components.map(({ name, version, licenses }) => [name, version, licenses[0]?.license.id]),
      told,
    );
  });

  it("comes with the SHA-256 of the package, and is no part of it", async () => {
    const hash = createHash("sha256")
      .update(await readFile(vsix))
      .digest("hex");
    assert.equal(await readFile(`${vsix}.sha256`, "utf8"), `${hash}  freight.vsix\n`);
    assert.ok(zipEntries(await readFile(vsix)).every((name) => !/cdx|sha256/.test(name)));
  });
});

describe("What the package is made from", () => {
  it("is pinned to the version, and so is the lockfile", async () => {
    const { dependencies, devDependencies } = Manifest.parse(JSON.parse(await read("package.json")));
    const { packages } = Lock.parse(JSON.parse(await read("package-lock.json")));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
      assert.equal(packages[`node_modules/${name}`]?.version, version, name);
    }
  });

  it("is known by its digest, and comes from wherever the machine gets its packages", async () => {
    const { packages } = Lock.parse(JSON.parse(await read("package-lock.json")));
    for (const [path, { integrity, resolved, link }] of Object.entries(packages)) {
      if (path === "" || link === true) continue;
      assert.match(integrity ?? "", /^sha512-/, path);
      assert.equal(resolved, undefined, path);
    }
  });
});

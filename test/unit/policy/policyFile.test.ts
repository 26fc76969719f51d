import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { PolicyFile, policyPaths } from "../../../src/policy/policyFile.ts";
import { policyJsonSchema } from "../../../src/policy/policySchema.ts";
import { Folder } from "../../support/files.ts";
import { has, itNeeds } from "../../support/systems.ts";

const isRoot = process.getuid?.() === 0;

describe("The policy of a machine", () => {
  let folder: Folder;
  let path: string;
  let file: PolicyFile;
  beforeEach(async () => {
    folder = await Folder.make();
    path = join(folder.path, "policy.json");
    file = new PolicyFile([path]);
  });
  afterEach(() => folder.remove());

  const write = (policy: unknown) =>
    writeFile(path, typeof policy === "string" ? policy : JSON.stringify(policy));
  const unusable = (message: RegExp) => {
    assert.throws(() => file.rules, { code: "policy-unusable", message });
    assert.equal(file.read().type, "unusable");
  };

  it("has no rules where there is no file", () => {
    assert.deepEqual(file.rules, {});
    assert.deepEqual(new PolicyFile([join(path, "below", "a", "file")]).rules, {});
  });

  it("says what its file says, at once when that changes, and nothing when it is gone", async () => {
    await write({ services: ["graph"] });
    assert.deepEqual(file.rules, { services: ["graph"] });
    await write({ services: ["nylas"] });
    assert.deepEqual(file.rules, { services: ["nylas"] });
    // The same size and time: what an administrator's tool may well leave.
    const then = new Date(2024, 1, 1);
    await utimes(path, then, then);
    assert.deepEqual(file.rules, { services: ["nylas"] });
    await rm(path);
    await write({ services: ["graph"] });
    await utimes(path, then, then);
    assert.deepEqual(file.rules, { services: ["graph"] });
    await rm(path);
    assert.deepEqual(file.rules, {});
  });

  it("takes the first file that is there, and does not go on to the next when that one is broken", async () => {
    const other = join(folder.path, "other.json");
    await writeFile(other, "{}");
    file = new PolicyFile([path, other]);
    assert.equal(file.read().type, "ruled");
    await write("{");
    unusable(/policy\.json/);
  });

  for (const [what, text] of [
    ["no JSON", "{"],
    ["nothing", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["an unknown key", { recipient: { allowed: ["a.example"] } }],
    ["an unknown key below", { recipients: { allow: ["a.example"] } }],
    ["an unknown service", { services: ["Graph"] }],
    ["a domain that is none", { recipients: { allowed: ["@a.example"] } }],
    ["a star among the allowed", { recipients: { allowed: ["*"] } }],
    ["a number as text", { largestMailMB: "25" }],
    ["an address without https", { addresses: ["http://api.us.nylas.com"] }],
    ["a relative folder", { auditLog: "logs" }],
    ["a comment", '{ /* only us */ "services": ["graph"] }'],
    ["a comment at the end of a line", "{} // nothing yet"],
    ["a comma after the last rule", '{ "apiKeys": false, }'],
    ["a key twice, of which the last is laxer", '{ "apiKeys": false, "apiKeys": true }'],
    ["a list twice", '{ "recipients": { "refused": ["a.example"] }, "recipients": {} }'],
    ["a key twice, written in two ways", '{ "apiKeys": false, "\\u0061piKeys": true }'],
    ["a key that objects have anyway", '{ "__proto__": { "apiKeys": false } }'],
    ["a key in other letters", { APIKeys: false }],
    ["a rule that is null", { apiKeys: null }],
    ["yes and no as text", { assistants: "false" }],
    ["a domain with its dot", { recipients: { refused: ["gmail.com."] } }],
    ["a domain beyond ASCII", { recipients: { allowed: ["münchen.example"] } }],
    ["a pattern of domains", { recipients: { refused: ["*.gmail.com"] } }],
    ["a size beyond numbers", '{ "largestMailMB": 1e999 }'],
    ["two texts", "{}{}"],
    ["a byte order mark alone", "\uFEFF"],
    ["more than 1 MB", `{}${" ".repeat(1024 * 1024)}`],
  ] as const)
    it(`cannot be used when it has ${what}`, async () => {
      await write(text);
      unusable(/nothing is sent or uploaded: .*policy\.json: .+\. Tell your administrator\.$/);
      await write({});
      assert.deepEqual(file.rules, {});
    });

  it("names the key that is wrong", async () => {
    await write({ recipients: { allow: ["a.example"] } });
    unusable(/"allow".*recipients/s);
  });

  it("takes a byte order mark, as editors on Windows write it", async () => {
    await write(`\uFEFF${JSON.stringify({ apiKeys: false })}`);
    assert.deepEqual(file.rules, { apiKeys: false });
  });

  it("takes UTF-16 with its mark, as shells on Windows write it, and no other encoding", async () => {
    const text = Buffer.from(`\uFEFF${JSON.stringify({ auditLog: "/var/log/f\u00fcr" })}`, "utf16le");
    for (const bytes of [text, Buffer.from(text).swap16()]) {
      await writeFile(path, bytes);
      assert.deepEqual(file.rules, { auditLog: "/var/log/f\u00fcr" });
    }
    await writeFile(path, text.subarray(2));
    unusable(/utf-8/);
    // In a Windows code page another folder would be meant.
    await writeFile(path, Buffer.from(JSON.stringify({ auditLog: "/var/log/f\u00fcr" }), "latin1"));
    unusable(/utf-8/);
  });

  itNeeds("symbolic links", "is found behind links, and cannot be used when one leads nowhere", async () => {
    const real = join(folder.path, "real");
    await mkdir(real);
    await writeFile(join(real, "policy.json"), '{"apiKeys":false}');
    await symlink(join(real, "policy.json"), path);
    await symlink(real, join(folder.path, "linked"));
    assert.deepEqual(file.rules, { apiKeys: false });
    file = new PolicyFile([join(folder.path, "linked", "policy.json")]);
    assert.deepEqual(file.rules, { apiKeys: false });
    await rm(real, { recursive: true });
    unusable(/ENOENT/);
    file = new PolicyFile([path]);
    unusable(/ENOENT/);
  });

  it("cannot be used when its folder is a file, which a copy without that folder makes", async () => {
    await writeFile(join(folder.path, "freight-mail"), '{"apiKeys":false}');
    file = new PolicyFile([join(folder.path, "freight-mail", "policy.json")]);
    unusable(/ENOTDIR|something else in the place of its folder/);
  });

  if (process.platform !== "win32")
    it("cannot be used when everybody can change it or its folder, also behind a link", async () => {
      await write({ apiKeys: false });
      await chmod(path, 0o666);
      unusable(/everybody can write to .*policy\.json/);
      await chmod(path, 0o664);
      assert.deepEqual(file.rules, { apiKeys: false });
      await chmod(folder.path, 0o777);
      unusable(/everybody can write to/);
      // As /tmp is: others can add files, and not put one in this one's place.
      await chmod(folder.path, 0o1777);
      assert.deepEqual(file.rules, { apiKeys: false });
      await chmod(folder.path, 0o700);
      const open = join(folder.path, "open");
      await mkdir(open);
      await writeFile(join(open, "policy.json"), "{}");
      await rm(path);
      await symlink(join(open, "policy.json"), path);
      assert.deepEqual(file.rules, {});
      await chmod(open, 0o777);
      unusable(/everybody can write to .*open/);
    });

  if (isRoot)
    it("cannot be used when it belongs to another user", async () => {
      await write({ apiKeys: false });
      await chown(path, 12_345, 12_345);
      unusable(/belongs to user 12345 and not to root/);
      await chown(path, 0, 12_345);
      assert.deepEqual(file.rules, { apiKeys: false });
      await chown(folder.path, 12_345, 12_345);
      unusable(/belongs to user 12345/);
    });

  it("cannot be used when it is a folder", async () => {
    await mkdir(path);
    unusable(/it is not a file/);
  });

  itNeeds("symbolic links", "cannot be used when it is a link in a circle", async () => {
    await symlink("policy.json", path);
    unusable(/ELOOP/);
  });

  itNeeds("named pipes", "cannot be used when it is a pipe that nobody writes to", async () => {
    execFileSync("mkfifo", [path]);
    unusable(/it is not a file/);
  });

  if (!isRoot && has("permissions of Unix"))
    it("cannot be used when this user may not read it, or not look into its folder", async () => {
      await write({});
      await chmod(path, 0);
      unusable(/EACCES/);
      await chmod(path, 0o600);
      await chmod(folder.path, 0);
      unusable(/EACCES/);
      await chmod(folder.path, 0o700);
    });

  it("lies where administrators put what they decide, which no variable moves", () => {
    assert.deepEqual(policyPaths("linux"), ["/etc/freight-mail/policy.json"]);
    assert.deepEqual(policyPaths("darwin"), ["/Library/Application Support/Freight Mail/policy.json"]);
    const before = process.env["ProgramData"];
    try {
      process.env["ProgramData"] = "D:\\elsewhere";
      assert.equal(policyPaths("win32")[0], "C:\\ProgramData\\Freight Mail\\policy.json");
      assert.deepEqual(policyPaths("win32").slice(1), ["D:\\elsewhere\\Freight Mail\\policy.json"]);
    } finally {
      if (before === undefined) delete process.env["ProgramData"];
      else process.env["ProgramData"] = before;
    }
  });

  it("has a schema in the package that says the same", async () => {
    const schema: unknown = JSON.parse(
      await readFile(join(import.meta.dirname, "../../../policy.schema.json"), "utf8"),
    );
    assert.deepEqual(schema, JSON.parse(JSON.stringify(policyJsonSchema())));
  });

  it("is known to the editor by that schema, wherever it lies", async () => {
    const root = join(import.meta.dirname, "../../..");
    const { contributes } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const [{ fileMatch, url }] = contributes.jsonValidation;
    await readFile(join(root, url));
    for (const platform of ["linux", "darwin", "win32"] as const)
      for (const place of policyPaths(platform)) {
        const path = place.replaceAll("\\", "/");
        const isMatch = (glob: string) => path.endsWith(glob.replace("**", ""));
        assert.ok(fileMatch.some(isMatch), path);
      }
  });

  it("is explained by an example that has every rule, is valid, and counts", async () => {
    const root = join(import.meta.dirname, "../../..");
    const page = await readFile(join(root, "SECURITY.md"), "utf8");
    const [, example = ""] = page.match(/## The policy file.*?```json\n(.*?)```/s) ?? [];
    await write(example);
    assert.equal(file.read().type, "ruled");
    const schema = JSON.parse(await readFile(join(root, "policy.schema.json"), "utf8"));
    const validate = new Ajv().compile(schema);
    assert.ok(validate(JSON.parse(example)), JSON.stringify(validate.errors));
    assert.deepEqual([...Object.keys(file.rules), "$schema"].sort(), Object.keys(schema.properties).sort());
    for (const wrong of [
      { recipient: {} },
      { addresses: ["http://graph.microsoft.com"] },
      { apiKeys: "no" },
      { recipients: { allow: [] } },
    ])
      assert.equal(validate(wrong), false, JSON.stringify(wrong));
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PolicyFile, policyPaths } from "../../../src/policy/policyFile.ts";
import { policyJsonSchema } from "../../../src/policy/policySchema.ts";
import { Folder } from "../../support/files.ts";

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

  it("cannot be used when it is a folder, a pipe that nobody writes to, or a link in a circle", async () => {
    await mkdir(path);
    unusable(/it is not a file/);
    await rm(path, { recursive: true });
    await symlink("policy.json", path);
    unusable(/ELOOP/);
    if (process.platform === "win32") return;
    await rm(path);
    execFileSync("mkfifo", [path]);
    unusable(/it is not a file/);
  });

  if (!isRoot)
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
});

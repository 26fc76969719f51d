import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { looksSecret } from "../../../src/files/secrets/secretFiles.ts";
import { secretName } from "../../../src/files/secrets/secretNames.ts";
import { speak, textKey } from "../../../src/shared/l10n.ts";
import { Folder } from "../../support/files.ts";
import { itNeeds } from "../../support/systems.ts";

describe("A file that looks like a secret", () => {
  for (const name of [
    ".env",
    ".env.production",
    ".env-prod",
    ".env_local",
    ".env~",
    ".envrc",
    "id_ed25519",
    "server.key",
    "release.p12",
    "vault.kdbx",
    ".netrc",
    ".git-credentials",
    "credentials",
    "secrets.yaml",
    "prod.kubeconfig",
  ])
    it(`may be called ${name}`, () => assert.notEqual(secretName(name), undefined));

  for (const name of [
    ".env.example",
    ".env.prod.sample",
    ".environment",
    "id_rsa.pub",
    "environment.ts",
    "keyboard.json",
    "monkey.png",
    "secretary.pdf",
    "build.zip",
  ])
    it(`is not called ${name}`, () => assert.equal(secretName(name), undefined));

  it("is as secret when only some of its lines are taken", async () => {
    assert.equal(await looksSecret(join("nowhere", ".env-L1-L2")), "an environment file");
    assert.equal(await looksSecret(join("nowhere", "credentials-L3.json")), "stored secrets");
    assert.equal(await looksSecret(join("nowhere", "main-L1-L2.ts")), undefined);
  });

  itNeeds("symbolic links", "is as secret behind a link with a harmless name", async () => {
    const folder = await Folder.make();
    try {
      await symlink(await folder.file(".env", "A=1"), join(folder.path, "notes.txt"));
      assert.equal(await looksSecret(join(folder.path, "notes.txt")), "an environment file");
    } finally {
      await folder.remove();
    }
  });

  describe("by what it begins with", () => {
    let folder: Folder;
    before(async () => {
      folder = await Folder.make();
    });
    after(() => folder.remove());
    const look = async (text: string) => looksSecret(await folder.file("notes.txt", Buffer.from(text)));

    for (const [text, what] of [
      ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", "a private key"],
      ["-----BEGIN PRIVATE KEY-----", "a private key"],
      [`aws_access_key_id = AKIA${"A".repeat(16)}`, "an AWS access key"],
      [`token: ghp_${"a".repeat(36)}`, "a GitHub token"],
      ["//registry.example/:_authToken=abc", "stored credentials"],
      [`{"type":"service_account","private_key": "${"x".repeat(40)}"}`, "stored credentials"],
    ] as const)
      it(`is ${what}: ${text.slice(0, 30)}`, async () => assert.equal(await look(text), `${what}, line 1`));

    for (const text of ["", "-----BEGIN CERTIFICATE-----", "AKIA is a prefix", "the private_key setting"])
      it(`is nothing secret: ${text}`, async () => assert.equal(await look(text), undefined));

    it("is searched for a while, and at its end", async () => {
      const key = "\n-----BEGIN PRIVATE KEY-----\n";
      assert.equal(await look(`${" ".repeat(60_000)}${key}${" ".repeat(60_000)}`), "a private key, line 2");
      assert.equal(await look(`${" ".repeat(70_000)}${key}`), "a private key, near its end");
      assert.equal(await look(`${" ".repeat(70_000)}${key}${" ".repeat(70_000)}`), undefined);
    });

    it("is said in the person's language, where a product's name stays as it is", async () => {
      const german = {
        "a private key": "ein privater Schlüssel",
        "an {0}": "{0}",
        "{0}, line {1}": "{0} in Zeile {1}",
        "{0}, near its end": "{0} kurz vor dem Ende",
      };
      const inKeys = Object.entries(german).map(([text, words]) => [textKey(text), words]);
      speak("de", Object.fromEntries(inKeys));
      try {
        assert.equal(await look(`${"\n".repeat(1203)}AKIA${"A".repeat(16)}`), "AWS access key in Zeile 1204");
        const atItsEnd = `${" ".repeat(70_000)}\n-----BEGIN PRIVATE KEY-----\n`;
        assert.equal(await look(atItsEnd), "ein privater Schlüssel kurz vor dem Ende");
      } finally {
        speak("en", undefined);
      }
    });

    it("is nothing when it is a folder, or gone", async () => {
      assert.equal(await looksSecret(folder.path), undefined);
      assert.equal(await looksSecret(join(folder.path, "gone")), undefined);
    });
  });
});

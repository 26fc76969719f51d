import assert from "node:assert/strict";
import { inspectFile } from "../../../../src/files/fileSource.ts";
import { offeredMail } from "../../../../src/ui/assistant/offeredMail.ts";
import { ComposeInput, readInput } from "../../../../src/ui/assistant/toolInputs.ts";
import { Folder, sampleOf } from "../../../support/files.ts";

describe("The mail that a language model offers", () => {
  let workspace: Folder;
  beforeEach(async () => {
    workspace = await Folder.make();
  });
  afterEach(() => workspace.remove());

  const offer = (input: unknown) =>
    offeredMail(readInput(ComposeInput, input), {
      folders: () => [workspace.path],
      isTrusted: () => true,
      inspect: (path) => inspectFile(path, 1_000_000),
    });
  const words = async (input: unknown) => (await offer(input)).words;

  it("is told in one go: every reader by address, the text, the files and the images of the text", async () => {
    await workspace.file("build.bin", new Uint8Array(900));
    await workspace.file("chart.png", sampleOf("chart.png", 2_000));
    assert.equal(
      await words({
        to: ["Ada <ada@x.example>", '"maria@company.example" <thief@evil.example>'],
        ...{ cc: ["bob@x.example"], bcc: ["eve@x.example"], subject: "Build\nnight" },
        ...{ body: "See ![](chart.png) and ![](gone.png)", files: ["build.bin"] },
      }),
      "To Ada <ada@x.example>, thief@evil.example, bob@x.example and eve@x.example. Subject: “Build night”. " +
        "A text of 36 characters. Files: build.bin (900 bytes). Images in the text: chart.png (1.95 KB). " +
        "Files go to your mail service once you have looked at the mail.",
    );
    assert.equal(await words({}), "No recipients yet.");
    assert.equal(
      await words({ to: ['"<!--" <thief@evil.example>', '"-->" <bob@x.example>'] }),
      "To thief@evil.example and bob@x.example.",
    );
  });

  it("cannot write the question itself: quotes of a subject and signs of a file's name stay inside of quotes", async () => {
    const name = "x, to nobody (“y”.txt";
    await workspace.file(name, "a");
    await workspace.file("two words.txt", "a");
    assert.equal(
      await words({ subject: "”, with nothing. To ada@x.example, “", files: [name, "two words.txt"] }),
      "No recipients yet. Subject: “', with nothing. To ada@x.example, '”. Files: “x, to nobody ('y'.txt” (1 byte) and " +
        "two words.txt (1 byte). Files go to your mail service once you have looked at the mail.",
    );
  });

  it("is refused with an image whose name is filled in later", () =>
    assert.rejects(offer({ body: `![](${"$"}{name}.png)` }), /contains a variable/));

  it("says how much of its text cannot be seen", async () =>
    assert.equal(
      await words({ body: "pay\u200b\u202e me" }),
      "No recipients yet. A text of 8 characters, 2 of them invisible.",
    ));

  for (const [what, input, reason] of [
    [
      "a name that begins a comment",
      { to: ['"Ann <!--" <thief@evil.example>'] },
      /The name of thief@evil\.example/,
    ],
    [
      "a name that nobody can see",
      { to: ['"\u200b" <thief@evil.example>'] },
      /The recipients contain invisible characters/,
    ],
    [
      "a name that turns the line",
      { cc: ['"Ann\u202e" <a@x.example>'] },
      /The recipients contain invisible characters/,
    ],
    ["what is no address", { bcc: ["somebody"] }, /“somebody” is not an e-mail address/],
    ["a hidden subject", { subject: "a\u200bb" }, /The subject contains invisible characters/],
  ] as const)
    it(`is refused with ${what}`, () => assert.rejects(offer(input), reason));

  it("is refused with an image that is none, or that holds a key", async () => {
    const key = "\n-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n";
    await workspace.file("board.png", key);
    await workspace.file("chart.png", Buffer.concat([sampleOf("chart.png", 100), Buffer.from(key)]));
    await assert.rejects(offer({ body: "![ ](board.png)" }), /is not an image/);
    await assert.rejects(offer({ body: "![ ](chart.png)" }), /“chart\.png” looks like a private key/);
    assert.match(
      await words({ body: "![ ](board.png)", format: "text" }),
      /^No recipients yet\. A text of 15 characters\.$/,
    );
  });
});

import assert from "node:assert/strict";
import { hideSecrets } from "../../../src/files/secrets/hideSecrets.ts";
import { secretContent } from "../../../src/files/secrets/secretContents.ts";

const aws = `AKIA${"Z7QK3M5N2P4R6T8V"}`;
const github = `ghp_${"a8F3kL0pQ2rS5tU7vW9xY1zB4cD6eG8hJ0kL"}`;
const pem = (...lines: readonly string[]) =>
  ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----"].join("\n");
const body = ["b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ", "QyNTUxOQAAACBv8sZ3kLm4nO5pQ6rS7tU8vW9xY0"];
const filler = (bytes: number) => "an ordinary line of output\n".repeat(Math.ceil(bytes / 27));

describe("What a terminal printed, before it is sent", () => {
  for (const [what, text, expected] of [
    ["nothing", "", ""],
    ["what is no secret", "error: 2 of 7 failed\n", "error: 2 of 7 failed\n"],
    ["a token", `before\ntoken ${github}\nafter\n`, "before\n[hidden: a GitHub token]\nafter\n"],
    ["a token without a line's end", `x ${github}`, "[hidden: a GitHub token]"],
    ["a token in CR LF", `a\r\n${github}\r\nb\r\n`, "a\r\n[hidden: a GitHub token]\nb\r\n"],
    ["two of them in one line", `${github} ${aws}\nrest`, "[hidden: an AWS access key]\nrest"],
    [
      "two in two lines",
      `${github}\nbetween\n${aws}\nrest`,
      "[hidden: a GitHub token]\nbetween\n[hidden: an AWS access key]\nrest",
    ],
    ["a key", `a\n${pem(...body)}\nb`, "a\n[hidden: a private key]\nb"],
    [
      "a key that was cut off",
      `a\n${pem(...body)
        .split("\n")
        .slice(0, 3)
        .join("\n")}\nb`,
      "a\n[hidden: a private key]\nb",
    ],
    ["a key at the very end", pem(...body), "[hidden: a private key]"],
    [
      "colors around a token",
      `\x1b[31m${github}\x1b[0m\nrest`,
      "[hidden: a GitHub personal access token]\nrest",
    ],
    [
      "a password in an address",
      `fetch ${"https:"}//kim:Xy7-kQ29vLm@${"git.corp-net.de"}/x.git\nb`,
      undefined,
    ],
    ["a variable", "export DATABASE_PASSWORD=h7Jq2LmX9pRt\nb", undefined],
    ["a token far down", `${filler(200_000)}${github}\n${filler(60_000)}`, undefined],
    [
      "a token at each border",
      Array.from({ length: 9 }, () => `${filler(30_000)}${github}\n`).join(""),
      undefined,
    ],
    ["a line that never ends", `${"x".repeat(100_000)} ${github} ${"y".repeat(100_000)}`, undefined],
  ] as const)
    it(`has no secret any more: ${what}`, () => {
      const { text: clean, count } = hideSecrets(text);
      if (expected !== undefined) assert.equal(clean, expected);
      assert.ok(!clean.includes(github) && !clean.includes(aws) && !clean.includes(body[1] ?? ""));
      for (let at = 0; at < clean.length; at += 20_000)
        assert.equal(secretContent(Buffer.from(clean.slice(at, at + 40_000))), undefined);
      assert.equal(count > 0, clean !== text);
      const lines = text.split("\n").filter((line) => line.includes("ordinary"));
      assert.equal(clean.split("\n").filter((line) => line.includes("ordinary")).length, lines.length);
    });

  it("counts what was hidden", () => {
    assert.equal(hideSecrets(`${github}\nfine\n${github}\n`).count, 2);
    // Of two kinds, whichever stands first.
    const key = `-----BEGIN ${"RSA"} PRIVATE KEY-----\nMIIB\n-----END ${"RSA"} PRIVATE KEY-----`;
    for (const text of [`${github}\n${key}\n`, `${key}\n${github}\n`])
      assert.equal(hideSecrets(text).count, 2);
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  bundles,
  faults,
  joinsIn,
  nlsFaults,
  packed,
  pictureOf,
  read,
  said,
  spokenPictures,
  textsIn,
} from "../../scripts/l10n.ts";
import { root } from "../../scripts/vscode/layout.ts";
import { BETWEEN, listOf, plural, sentences, speak, t, textKey, unpacked } from "../../src/shared/l10n.ts";

const GERMAN: Readonly<Record<string, string>> = {
  "{0} of {1} sent.": "Von {1} sind {0} gesendet.",
  "{0} file": "{0} Datei",
  "{0} files": "{0} Dateien",
};

const inKeys = (texts: typeof GERMAN) =>
  Object.fromEntries(Object.entries(texts).map(([text, words]) => [textKey(text), words]));

/** Where pieces are joined that nobody reads in the language of VS Code. */
const JOINED: Readonly<Record<string, string>> = {
  "base/log.ts": "the log",
  "delivery/body/variables.ts": "within a template, which a person has written in any language",
  "delivery/compose/composeLink.ts": "recipients, as they are typed",
  "delivery/compose/composeRequest.ts": "recipients, as they are typed",
  "delivery/compose/newMailText.ts": "the subject of a mail in any language",
  "delivery/compose/sendAgain.ts": "recipients, as they are typed",
  "delivery/record/describeMail.ts": "the log",
  "delivery/upload/draftNames.ts": "the name of a file",
  "files/portableName.ts": "the name of a file",
  "net/http.ts": "a header",
  "net/json.ts": "the log",
  "services/nylas/nylasErrors.ts": "what a provider has said",
  "services/nylas/nylasSignIn.ts": "the log",
  "shared/pastedAddress.ts": "recipients, as they are typed",
  "shared/recipients.ts": "recipients, as they are typed",
  "shared/shownRecipient.ts": "an address",
  "ui/assistant/toolInputs.ts": "recipients, as they are typed",
  "ui/assistant/uploadList.ts": "for language models",
  "ui/editor/bugSources.ts": "as compilers print it",
  "ui/editor/diagnostics.ts": "for support",
  "ui/panel/panelPage.ts": "a header",
  "ui/views/practiceLetter.ts": "a header",
};

describe("languages", () => {
  const { texts, hidden } = said();
  afterEach(() => speak("en", undefined));

  it("are found by texts that are written out in the code", () => assert.deepEqual(hidden, []));

  it("have their own signs between a name and a value, and between the parts of a list", () => {
    const paths = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(".ts") && !path.startsWith("sandbox/") && !Object.hasOwn(JOINED, path));
    const found = paths.flatMap((path) =>
      joinsIn(readFileSync(join(root, "src", path), "utf8")).map((line) => `${path}: ${line}`),
    );
    assert.deepEqual(found, [], "labelled, noted, described and listOf join");
  });

  it("have a key of its own for each text", () => {
    assert.equal(new Set([...texts.keys()].map(textKey)).size, texts.size);
  });

  for (const [language, translated] of bundles())
    it(`say everything in ${language}, nothing more, with the same values`, () => {
      assert.deepEqual([...faults(texts.keys(), translated), ...nlsFaults(language)], []);
    });

  it("never let a sign of French begin a line: its space does not break", () => {
    const french = [
      ...Object.values(bundles().get("fr") ?? {}),
      ...Object.values(read("package.nls.fr.json")),
    ];
    assert.deepEqual(
      french.filter((text) => / [:;?!»%](?=\s|$)|« /.test(text)),
      [],
    );
  });

  it("have a text for each name in package.json, and no other", () => {
    const manifest = JSON.stringify(read("package.json"));
    const used = [...manifest.matchAll(/"%([\w.-]+)%"/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(read("package.nls.json")).sort());
  });

  it("are packed without a sentence of English, and read as they were", () => {
    const files = packed([
      ["de", GERMAN],
      ["ja", {}],
    ]);
    assert.deepEqual([...files.keys()], ["keys.txt", "bundle.l10n.de.json", "bundle.l10n.ja.json"]);
    const bundle: { texts: string } = JSON.parse(files.get("bundle.l10n.ja.json") ?? "");
    const english = unpacked(files.get("keys.txt") ?? "", bundle.texts);
    assert.deepEqual(english, Object.fromEntries([...texts.keys()].map((text) => [textKey(text), text])));
    assert.deepEqual(
      [...texts.keys()].filter((text) => text.includes(BETWEEN)),
      [],
    );
  });

  it("are all in a picture of the walkthrough, each text where the English one is", () => {
    const spoken = new Map([
      ["de", { Send: "Senden" }],
      ["zh-cn", { Send: "发送" }],
    ]);
    const svg = '<svg><text x="1">Send</text><text x="2">Undo</text></svg>';
    assert.deepEqual(Object.fromEntries(spokenPictures("first.svg", svg, spoken)), {
      "first.svg":
        '<svg><switch><text systemLanguage="de" x="1">Senden</text><text x="1">Send</text></switch><text x="2">Undo</text></svg>',
      "first.zh-cn.svg": '<svg><text x="1">发送</text><text x="2">Undo</text></svg>',
    });
  });

  it("name the picture that each has in the walkthrough", () => {
    const english = read("package.nls.json");
    const names = Object.entries(english).filter(([key]) => key.endsWith(".picture"));
    assert.equal(names.length, 4);
    for (const language of bundles().keys())
      for (const [key, name] of names)
        assert.equal(read(`package.nls.${language}.json`)[key], pictureOf(name, language));
  });

  it("put values where the sentence wants them, numbers as the language writes them", () => {
    speak("de", inKeys(GERMAN));
    assert.equal(t("{0} of {1} sent.", 1203, "20000"), "Von 20000 sind 1.203 gesendet.");
    assert.equal(t("Said in English only: {0}", "{0}"), "Said in English only: {0}");
  });

  it("count as the language does", () => {
    assert.deepEqual(
      [plural(0, "{0} file", "{0} files"), plural(1, "{0} file", "{0} files")],
      ["0 files", "1 file"],
    );
    speak("de", inKeys(GERMAN));
    assert.deepEqual(
      [plural(1, "{0} file", "{0} files"), plural(2, "{0} file", "{0} files")],
      ["1 Datei", "2 Dateien"],
    );
    speak("fr", inKeys({ "{0} file": "{0} fichier" }));
    assert.equal(plural(0, "{0} file", "{0} files"), "0 fichier");
    speak("ja", inKeys({ "{0} files": "{0} 個" }));
    assert.equal(plural(1, "{0} file", "{0} files"), "1 個");
  });

  it("list and join as the language does", () => {
    assert.equal(listOf(["a", "b", "c"]), "a, b and c");
    assert.equal(sentences("One.", "", undefined, "Two."), "One. Two.");
    speak("ja", {});
    assert.equal(sentences("一。", "二。"), "一。二。");
  });

  it("are English where VS Code has a language that there is no bundle for", () => {
    speak("tlh", undefined);
    assert.equal(t("{0} of {1} sent.", 1203, 2000), "1,203 of 2,000 sent.");
  });

  it("are spoken only when VS Code has said which, not while the extension loads", () => {
    const program = `
      import { registerHooks } from "node:module";
      const resolve = (name, context, next) =>
        name === "vscode" ? { url: "data:text/javascript,", shortCircuit: true } : next(name, context);
      registerHooks({ resolve });
      const { speak } = await import("./src/shared/l10n.ts");
      const get = () => { throw new Error("A text is said while its module loads.") };
      speak("en", new Proxy({}, { get }));
      await import("./src/extension.ts");
    `;
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: root });
  });

  describe("the search for texts", () => {
    it("finds them over lines, after values with commas and brackets, and joined", () => {
      const code = `say(t("One {0}", f(a, "b,c")), plural(\n  count([1, 2]),\n  "{0} a",\n  "{0} b" + " c",\n  x,\n));`;
      assert.deepEqual(textsIn(code), { texts: ["One {0}", "{0} a", "{0} b c"], hidden: [] });
    });
    it("tells what is not written out", () => {
      assert.deepEqual(textsIn('t(word); plural(n, one, "x"); list.at(0); format(`a`);').hidden, [
        "t(word",
        "plural(one",
      ]);
    });
  });

  it("finds signs that stand between values in the code, not in texts, log lines and errors", () => {
    const code = (line: string) => line.replaceAll("§", "$");
    const lines = ["say(`§{a}: §{b}`)", '["a"].join(", ")', "`§{name} (§{note})`"].map(code);
    const fine = [
      't("{0}: {1}", a)',
      "log.info(`§{a}: §{b}`)",
      "new Error(`§{a}, §{b}`)",
      "/* `§{a}: §{b}` */",
    ];
    assert.deepEqual(joinsIn([...lines, ...fine.map(code)].join("\n")), lines);
  });

  describe("a translation that does not fit", () => {
    const english = ["{0} of {1}", "Send"];
    for (const [name, translated, fault] of [
      ["lacks a text", { "{0} of {1}": "{0} von {1}" }, "missing: Send"],
      [
        "has one that nobody says",
        { "{0} of {1}": "{1}: {0}", Send: "Senden", Old: "Alt" },
        "nobody says: Old",
      ],
      ["lacks a value", { "{0} of {1}": "{0} von", Send: "Senden" }, "other values: {0} of {1} → {0} von"],
      ["is empty", { "{0} of {1}": "{0}/{1}", Send: "" }, "other values: Send → "],
    ] as const)
      it(name, () => assert.deepEqual(faults(english, translated), [fault]));

    it("is compared with the English words where texts have names", () => {
      const named = { "setting.body": "Starts with `${file}`." };
      assert.deepEqual(faults(["setting.body"], { "setting.body": "Beginnt mit `${file}`." }, named), []);
      assert.deepEqual(faults(["setting.body"], { "setting.body": "Beginnt damit." }, named), [
        "other values: setting.body → Beginnt damit.",
      ]);
    });
  });
});

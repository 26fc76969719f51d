import assert from "node:assert/strict";
import { htmlWithCards, textWithCards } from "../../../src/delivery/links/linkCards.ts";
import { type LinkCard, linkCards, linkWords, openWords } from "../../../src/delivery/links/linkWords.ts";
import { chooseWays } from "../../../src/delivery/words/fileWays.ts";
import { rowMenuKeys } from "../../../src/delivery/words/rowMenuKeys.ts";
import type { FileLink } from "../../../src/services/fileLinks.ts";
import { attachment, delivery } from "../../support/records.ts";

const MB = 1024 * 1024;
const card: LinkCard = {
  name: "build.iso",
  size: "2.1 GB",
  url: "https://files.example/a?b=c&d=1",
  sha256: "ab".repeat(32),
  who: "Everyone who has this link can open it.",
  until: "Available until 28 December 2026 (UTC).",
};

describe("The card of a file that goes as a link", () => {
  it("says in a text what it is, where, who can open it, until when, and its hash", () => {
    assert.equal(
      textWithCards("Hello\n", [card]),
      [
        "Hello",
        "",
        "build.iso (2.1 GB)",
        "https://files.example/a?b=c&d=1",
        "Everyone who has this link can open it.",
        "Available until 28 December 2026 (UTC).",
        `SHA-256: ${"ab".repeat(32)}`,
        "",
      ].join("\n"),
    );
    assert.equal(textWithCards("", [{ ...card, until: "" }]).includes("\n\n"), false);
  });

  it("takes names and addresses for text", () => {
    const html = htmlWithCards("", [{ ...card, name: '<img src=x>"&', url: 'https://x.example/"><b>' }]);
    assert.ok(!/<img|<b>/.test(html), html);
    assert.ok(html.includes("&#60;img src=x&#62;&#34;&#38;"));
  });

  it("comes before the end of a document of a person's own, and changes nothing else", () => {
    assert.equal(htmlWithCards("<p>x</p>", []), "<p>x</p>");
    assert.equal(textWithCards("x\n\n", []), "x\n\n");
    const html = htmlWithCards("<html><body><p>x</p></BODY ></html>", [card]);
    assert.match(html, /^<html><body><p>x<\/p><table[\s\S]*<\/table><\/BODY ><\/html>$/);
    assert.match(htmlWithCards("<p>x</p>", [card]), /^<p>x<\/p><table/);
  });

  it("has no colour but its button's own, which brings both, and no style that programs drop", () => {
    const html = htmlWithCards("", [card]);
    const colours = [...html.matchAll(/(background-color|(?<![-\w])color):([^;"]+)/g)].map(([all]) => all);
    assert.deepEqual(colours, ["background-color:#0f6cbd", "color:#ffffff"]);
    assert.ok(!/<style|class=|display:(flex|grid)|position:|var\(/.test(html));
    for (const [table] of html.matchAll(/<table[^>]*>/g)) assert.match(table, /role="presentation"/);
  });
});

describe("A file that may go as a link", () => {
  const link: FileLink = { url: "https://files.example/1", audience: "recipients", people: [], until: null };
  const file = (size: number, asLink = false) => ({ size, asLink, inline: null });
  const mailbox = { provider: "microsoft", inMail: null, hasLinks: true, event: null, mostBytes: 35 * MB };
  const ways = (sizes: readonly number[], mail: Parameters<typeof chooseWays>[2], there = [file(0)]) =>
    chooseWays(
      sizes.map((size) => file(size)),
      there,
      mail,
    ).map(({ asLink }) => asLink);

  for (const [title, sizes, mail, expected] of [
    ["does where it does not fit", [10 * MB, 20 * MB, 1 * MB], mailbox, [false, true, false]],
    ["does beyond what any mail takes", [10 * MB, 200 * MB], { ...mailbox, mostBytes: null }, [false, true]],
    [
      "does where little may be sent",
      [1 * MB, 1 * MB, 4 * MB],
      { ...mailbox, inMail: "sendOnly" },
      [false, false, true],
    ],
    ["does not without an account for it", [200 * MB], { ...mailbox, hasLinks: false }, [false]],
  ] as const)
    it(title, () => assert.deepEqual(ways(sizes, mail), expected));

  it("counts what is attached already, and not what is a link already", () => {
    assert.deepEqual(ways([20 * MB], mailbox, [file(10 * MB)]), [true]);
    assert.deepEqual(ways([20 * MB], mailbox, [file(900 * MB, true)]), [false]);
  });

  it("is said above Send, with who can open it and for how long", () => {
    const mail = (count: number, links: Parameters<typeof linkWords>[0]["links"]) =>
      delivery({
        links,
        attachments: Array.from({ length: count }, (_, index) =>
          attachment({ id: `${index}`, asLink: true }),
        ),
      });
    const words = (...[count, links]: Parameters<typeof mail>) => linkWords(mail(count, links))?.words;
    assert.equal(
      words(1, { audience: "recipients", days: 30 }),
      "1 file goes as a link. Only the recipients of this mail have access for 30 days.",
    );
    assert.equal(
      words(2, { audience: "anyone", days: null }),
      "2 files go as links. Everyone who has the link has access until you delete the file.",
    );
    assert.equal(words(0, { audience: "anyone", days: 1 }), undefined);
  });

  it("can be copied, and says who can open it, once it has a link", () => {
    const until = Date.parse("2026-12-29T00:00:00Z");
    const shown = attachment({ asLink: true, link: { ...link, until } });
    assert.equal(
      openWords({ event: null }, shown),
      "only the recipients of this mail, until 28 December 2026 (UTC)",
    );
    assert.equal(openWords({ event: null }, attachment()), undefined);
    const keys = (file: typeof shown) => rowMenuKeys(delivery({ attachments: [file] }), file, 0);
    assert.deepEqual(
      [shown, attachment()].map((file) => keys(file).includes("hasLink")),
      [true, false],
    );
  });

  it("is told with its last whole day, and never without its link", () => {
    const checkpoint = { bytes: 1000, sha256: "cd".repeat(32) };
    const until = Date.parse("2026-12-29T00:00:00Z");
    const shown = attachment({ asLink: true, checkpoint, link: { ...link, until } });
    assert.equal(
      linkCards(delivery({ attachments: [shown, attachment()] }))[0]?.until,
      "Available until 28 December 2026 (UTC).",
    );
    assert.throws(() => linkCards(delivery({ attachments: [attachment({ asLink: true, checkpoint })] })));
  });
});

import assert from "node:assert/strict";
import { rankPeople, type Sighting, writtenTo } from "../../../src/delivery/compose/correspondents.ts";
import { MAX_PEOPLE } from "../../../src/shared/contract/messages.ts";
import { delivery, now } from "../../support/records.ts";

const day = 24 * 60 * 60_000;
const sighting = (email: string, daysAgo: number, name: string | null = null): Sighting => ({
  name,
  email,
  at: now - daysAgo * day,
});
const rank = (mails: readonly Sighting[], commits: readonly Sighting[] = [], own: readonly string[] = []) =>
  rankPeople(mails, commits, { now, own });
const emails = (...args: Parameters<typeof rank>) => rank(...args).map(({ email }) => email);

describe("People written to", () => {
  const message = {
    to: [{ name: "Ann", email: "ann@x.example" }],
    cc: [{ name: null, email: "bob@x.example" }],
    bcc: [{ name: null, email: "carl@x.example" }],
    replyTo: [],
    headers: [],
    subject: "",
    body: "",
    format: "text" as const,
  };

  it("are the readers of a mail that went out, since then", () => {
    const sent = delivery({ phase: "sent", message, finishedAt: now });
    assert.deepEqual(writtenTo([sent]), [
      { name: "Ann", email: "ann@x.example", at: now },
      { name: null, email: "bob@x.example", at: now },
      { name: null, email: "carl@x.example", at: now },
    ]);
  });

  for (const phase of ["composing", "waiting", "sending", "failed"] as const)
    it(`are not those of a mail that is ${phase}`, () =>
      assert.deepEqual(writtenTo([delivery({ phase, message })]), []));
});

describe("Suggested people", () => {
  it("come by how often and how lately they were written to", () => {
    const mails = [
      sighting("often@x.example", 5),
      sighting("often@x.example", 6),
      sighting("once@x.example", 1),
      sighting("long-ago@x.example", 400),
      sighting("long-ago@x.example", 401),
      sighting("long-ago@x.example", 402),
    ];
    assert.deepEqual(emails(mails), ["often@x.example", "once@x.example", "long-ago@x.example"]);
  });

  it("have those written to before the authors, and each only once, under the newest name", () => {
    const mails = [sighting("Ann@x.example", 300), sighting("bob@x.example", 20, "Bob")];
    const commits = [
      sighting("ann@X.example", 9, "Ann Old"),
      sighting("ann@x.example", 1, "Ann Lee"),
      sighting("dev@x.example", 0),
    ];
    assert.deepEqual(rank(mails, commits), [
      { name: "Bob", email: "bob@x.example", origin: "mail" },
      { name: "Ann Lee", email: "Ann@x.example", origin: "mail" },
      { name: null, email: "dev@x.example", origin: "history" },
    ]);
  });

  it("are not the accounts themselves", () =>
    assert.deepEqual(emails([sighting("me@x.example", 0)], [], ["Me@x.example"]), []));

  for (const email of [
    "noreply@github.example",
    "no-reply@x.example",
    "donotreply@x.example",
    "noreply+ci@x.example",
    "123+ann@users.noreply.github.com",
    "ann@users.noreply.github.com",
    "ann@build-host",
    "ann",
    "",
    "ann@x.example, bob@x.example",
    "ann@x.example>",
    "Ann <ann@x.example>",
  ])
    it(`are not “${email}”`, () => assert.deepEqual(emails([], [sighting(email, 0)]), []));

  it("are those whose address only looks as if nobody read it", () =>
    assert.deepEqual(emails([], [sighting("noreplyson@x.example", 0)]), ["noreplyson@x.example"]));

  for (const [name, shown] of [
    [" Ann\n\u0000 Lee ", "Ann Lee"],
    ["ann@x.example", null],
    ["Bob <bob@x.example>", null],
    ["An\u202en", "Ann"],
    ["", null],
    ["A".repeat(300), `${"A".repeat(60)}…`],
  ] as const)
    it(`are called ${shown?.slice(0, 20)} when the commit says ${JSON.stringify(name.slice(0, 20))}`, () =>
      assert.equal(rank([], [sighting("ann@x.example", 0, name)])[0]?.name, shown));

  it("are no more than a page can look through", () => {
    const many = Array.from({ length: MAX_PEOPLE + 9 }, (_, index) => sighting(`a${index}@x.example`, 0));
    assert.equal(rank([], many).length, MAX_PEOPLE);
  });
});
